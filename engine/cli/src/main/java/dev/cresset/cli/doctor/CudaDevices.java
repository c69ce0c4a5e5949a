package dev.cresset.cli.doctor;

import dev.cresset.cli.doctor.Finding.State;
import dev.cresset.kernels.cuda.AheadOfTime;
import dev.cresset.kernels.cuda.driver.Cuda;
import dev.cresset.kernels.cuda.driver.CudaException;
import dev.cresset.kernels.cuda.driver.DeviceCheck;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** NVIDIA's libraries and devices: loads the ones and tries the others. */
final class CudaDevices {
    private final State notThere;
    private final Consumer<String> compiling;

    /**
     * @param needed    whether what is missing is in the way of what is wanted
     * @param compiling to compile the common kernels of each device, it is told which; null not to
     */
    CudaDevices(boolean needed, Consumer<String> compiling) {
        this.notThere = needed ? State.FAULT : State.MISSING;
        this.compiling = compiling;
    }

    List<Finding> find() {
        List<Finding> out = new ArrayList<>();
        for (Cuda.Finding f : Cuda.findings()) out.add(new Finding(f.library(), f.found() ? State.OK : notThere, f.detail()));
        boolean allFound = out.stream().allMatch(f -> f.state() == State.OK);
        for (int i = 0; i < Cuda.deviceCount(); i++) out.addAll(device(i));
        if (allFound) Cuda.diagnosis().ifPresent(d -> out.add(new Finding("cuda", notThere, d)));
        return out;
    }

    private List<Finding> device(int ordinal) {
        String name = "cuda:" + ordinal;
        try (DeviceContext context = DeviceContext.open(ordinal)) {
            DeviceCheck.run(context);
            Finding device = new Finding(name, State.OK, String.format(Locale.ROOT, "%s, %.1f GiB free; a kernel, cuBLAS and cuDNN work",
                context.properties(), context.freeBytes() / (double) (1 << 30)));
            return compiling == null ? List.of(device) : List.of(device, kernels(context, name));
        } catch (CudaException e) {
            return List.of(new Finding(name, notThere, e.getMessage()));
        }
    }

    /** Kernels that are not there are compiled where they are needed, so nothing here is in the way of running anything. */
    private Finding kernels(DeviceContext context, String device) {
        AheadOfTime.Filled filled = AheadOfTime.fill(context, part -> compiling.accept(device + ": " + part));
        String name = "kernels";
        if (filled == null) return new Finding(name, State.MISSING, "another process is compiling them, or their folder cannot be written");
        String there = filled.kernels() + " for " + device + " in " + filled.folder();
        return filled.refused().isEmpty() ? new Finding(name, State.OK, there)
            : new Finding(name, State.MISSING, there + "; NVRTC refuses " + String.join(", ", filled.refused()));
    }
}
