package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.code.KernelSource;
import java.util.List;

/**
 * What a step of a plan does on a device, for people.
 *
 * @param kernels      of Cresset's that it launches, in order; none for what NVIDIA's libraries do alone
 * @param bytes        that it has to move: what it reads, constants too, and what it writes, each once
 * @param milliseconds on the device, of the median run by itself
 */
public record StepReport(String label, List<KernelSource> kernels, long bytes, double milliseconds) {
    public StepReport { kernels = List.copyOf(kernels); }

    /** Bytes a second. */
    public double bandwidth() { return bytes / milliseconds * 1e3; }
}
