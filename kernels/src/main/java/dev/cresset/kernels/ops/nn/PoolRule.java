package dev.cresset.kernels.ops.nn;

import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Meta;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The shape rule of pooling operators with one result.
 *
 * @param spatial how many spatial dimensions there are
 * @param maximum or the average
 * @param windows reads an operator's arguments
 * @param divisor what the sum of a window is divided by; 0 for the window's own count
 */
public record PoolRule(int spatial, boolean maximum, Function<Args, Window[]> windows, ToDoubleFunction<Args> divisor) implements Body.ShapeRule {
    @Override public Meta[] infer(Args a) { return new Meta[] {PoolOps.meta(a.tensor(0), windows.apply(a))}; }
}
