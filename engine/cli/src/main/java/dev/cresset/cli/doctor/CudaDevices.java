package dev.cresset.cli.doctor;

import dev.cresset.cli.doctor.Finding.State;
import dev.cresset.kernels.cuda.driver.Cuda;
import dev.cresset.kernels.cuda.driver.CudaException;
import dev.cresset.kernels.cuda.driver.DeviceCheck;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** NVIDIA's libraries and devices: loads the ones and tries the others. */
final class CudaDevices {
    private final State notThere;

    /** @param needed whether what is missing is in the way of what is wanted */
    CudaDevices(boolean needed) { this.notThere = needed ? State.FAULT : State.MISSING; }

    List<Finding> find() {
        List<Finding> out = new ArrayList<>();
        for (Cuda.Finding f : Cuda.findings()) out.add(new Finding(f.library(), f.found() ? State.OK : notThere, f.detail()));
        boolean allFound = out.stream().allMatch(f -> f.state() == State.OK);
        for (int i = 0; i < Cuda.deviceCount(); i++) out.add(device(i));
        if (allFound) Cuda.diagnosis().ifPresent(d -> out.add(new Finding("cuda", notThere, d)));
        return out;
    }

    private Finding device(int ordinal) {
        String name = "cuda:" + ordinal;
        try (DeviceContext context = DeviceContext.open(ordinal)) {
            DeviceCheck.run(context);
            return new Finding(name, State.OK, String.format(Locale.ROOT, "%s, %.1f GiB free; a kernel, cuBLAS and cuDNN work",
                context.properties(), context.freeBytes() / (double) (1 << 30)));
        } catch (CudaException e) {
            return new Finding(name, notThere, e.getMessage());
        }
    }
}
