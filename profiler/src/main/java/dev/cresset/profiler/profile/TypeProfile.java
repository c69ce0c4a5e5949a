package dev.cresset.profiler.profile;

import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import java.util.Arrays;

/** What one value was in the runs recorded: the type that holds for all of them. Safe from any number of threads. */
public final class TypeProfile {
    private TensorType merged;
    private long[] sizes;
    private long[] strides;
    private ScalarType dtype;
    private boolean requiresGrad;
    private long seen;
    private long none;

    /** Records a tensor. The arrays must not be changed later. */
    public synchronized void observe(ScalarType type, Device device, long[] size, long[] stride, boolean grad) {
        seen++;
        boolean same = type == dtype && grad == requiresGrad && Arrays.equals(size, sizes) && Arrays.equals(stride, strides);
        if (same) return;
        dtype = type;
        sizes = size;
        strides = stride;
        requiresGrad = grad;
        TensorType now = TensorType.of(type, device, size, stride, grad);
        merged = merged == null ? now : merged.merge(now);
    }

    /** Records None. */
    public synchronized void observeNone() { none++; }

    /** What held each time; {@link TensorType#ANY} if it was None at times, or never seen. */
    public synchronized TensorType type() { return merged == null || none > 0 ? TensorType.ANY : merged; }

    /** How often it was recorded as a tensor. */
    public synchronized long seen() { return seen; }

    /** How often it was None. */
    public synchronized long seenNone() { return none; }
}
