package dev.cresset.cli.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cresset.kernels.op.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceOptionsTest {
    @Test void anotherProcessGetsTheSame() {
        for (List<String> words : List.of(List.of("--device", "cpu"), List.of("--device", "cuda:1", "--cpu-fallback", "--emulate-cuda"),
            List.of("--device", "cuda", "--precision", "pytorch", "--device-cache", "256"))) {
            assertEquals(words, DeviceOptions.of(words).arguments());
        }
        assertEquals(List.of("--device", "cpu"), DeviceOptions.of(List.of()).arguments());
    }

    @Test void precisionIsTheCommandsUnlessSaid() {
        assertEquals(Precision.FP32, DeviceOptions.of(List.of()).precision(Precision.FP32));
        assertEquals(Precision.BF16, DeviceOptions.of(List.of("--precision", "bf16")).precision(Precision.FP32));
        assertThrows(IllegalArgumentException.class, () -> DeviceOptions.of(List.of("--precision", "fp8")).precision(Precision.FP32));
    }

    @Test void theHostNeedsNoDescription() throws Exception { assertEquals("cpu", new DeviceOptions().description()); }

    @Test void whatIsNoDevice() { assertThrows(IllegalArgumentException.class, () -> DeviceOptions.of(List.of("--device", "1 toaster")).device()); }
}
