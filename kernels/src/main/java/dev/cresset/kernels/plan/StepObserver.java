package dev.cresset.kernels.plan;

/** Is told of each step of a plan that has run. */
@FunctionalInterface
public interface StepObserver {
    /**
     * A step has run.
     *
     * @param label      what it did: {@code fused mul tanh}, {@code aten::embedding}
     * @param startNanos by {@link System#nanoTime()}
     */
    void ran(String label, long startNanos, long endNanos);
}
