package dev.cresset.cli.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceOptionsTest {
    @Test void anotherProcessGetsTheSame() {
        for (List<String> words : List.of(List.of("--device", "cpu"), List.of("--device", "cuda:1", "--cpu-fallback", "--emulate-cuda"))) {
            assertEquals(words, DeviceOptions.of(words).arguments());
        }
        assertEquals(List.of("--device", "cpu"), DeviceOptions.of(List.of()).arguments());
    }

    @Test void theHostNeedsNoDescription() throws Exception { assertEquals("cpu", new DeviceOptions().description()); }

    @Test void whatIsNoDevice() { assertThrows(IllegalArgumentException.class, () -> DeviceOptions.of(List.of("--device", "1 toaster")).device()); }
}
