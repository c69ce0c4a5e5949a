package dev.cresset.kernels.op;

import dev.cresset.kernels.expr.Expr;
import dev.cresset.tensor.DeviceMemory;
import dev.cresset.tensor.Tensor;

/** What a call has of a device: memory, and kernels that run in the order of one of the device's streams. */
public interface DeviceCall {
    /** The device's memory as the call's stream sees it. */
    DeviceMemory memory();

    /**
     * Writes an expression's value at every coordinate of {@code out}, converted to its type. Returns before it is done.
     *
     * @param numbers the operator's arguments, which {@link Expr.Param}s name by position
     * @param tensors by the positions that {@link Expr.Load}s name, null for others; they are on the device and broadcast
     *                to {@code out}, which they overlap only element by element; the last place is the output's
     * @param out     on the device
     */
    void pointwise(Expr expression, Args numbers, Tensor[] tensors, Tensor out);

    /** Waits until all that was given to the device is done. */
    void await();

    /** What runs operators that the device has no kernel for; null if they are errors. */
    CpuFallback fallback();

    /** What runs operators that are declared to run on the host ({@link Catalog.Declaration#throughHost}). */
    CpuFallback throughHost();
}
