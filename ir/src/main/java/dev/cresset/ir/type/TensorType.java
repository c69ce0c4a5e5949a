package dev.cresset.ir.type;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A tensor, with what is known about it. Every part may be unknown (null); {@link #ANY} knows nothing. An unknown size
 * or stride within a known rank is -1.
 *
 * @param dtype        element type or null
 * @param device       device or null
 * @param sizes        size of each dimension in elements, -1 where unknown; null if the rank is unknown
 * @param strides      stride of each dimension in elements, -1 where unknown; null if unknown
 * @param requiresGrad or null
 */
public record TensorType(ScalarType dtype, Device device, List<Long> sizes, List<Long> strides, Boolean requiresGrad)
        implements Type {
    public static final TensorType ANY = new TensorType(null, null, null, null, null);

    public TensorType {
        sizes = sizes == null ? null : List.copyOf(sizes);
        strides = strides == null ? null : List.copyOf(strides);
        if (sizes != null && strides != null && sizes.size() != strides.size()) {
            throw new IllegalArgumentException("sizes " + sizes + " and strides " + strides + " differ in rank");
        }
    }

    /** A fully known type. */
    public static TensorType of(ScalarType dtype, Device device, long[] sizes, long[] strides, boolean requiresGrad) {
        return new TensorType(dtype, device, box(sizes), box(strides), requiresGrad);
    }

    private static List<Long> box(long[] values) { return Arrays.stream(values).boxed().toList(); }

    /** True if dtype, device and all sizes and strides are known. */
    public boolean isComplete() {
        return dtype != null && device != null && sizes != null && strides != null
            && !sizes.contains(-1L) && !strides.contains(-1L);
    }

    /** What holds for both. */
    public TensorType merge(TensorType o) {
        return new TensorType(same(dtype, o.dtype), same(device, o.device), mergeSizes(sizes, o.sizes),
            mergeSizes(strides, o.strides), same(requiresGrad, o.requiresGrad));
    }

    /** True if everything {@code o} knows is also known, and the same, here. */
    public boolean refines(TensorType o) { return merge(o).equals(o); }

    private static <T> T same(T a, T b) { return Objects.equals(a, b) ? a : null; }

    private static List<Long> mergeSizes(List<Long> a, List<Long> b) {
        if (a == null || b == null || a.size() != b.size()) return null;
        List<Long> merged = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) merged.add(a.get(i).equals(b.get(i)) ? a.get(i) : -1L);
        return merged;
    }

    @Override public String annotation() { return "Tensor"; }

    /** {@code Float(2, 16, strides=[16, 1], requires_grad=0, device=cpu)}; unknown parts are left out. */
    @Override public String toString() {
        List<String> parts = new ArrayList<>();
        if (sizes != null) for (long s : sizes) parts.add(s < 0 ? "*" : Long.toString(s));
        if (sizes != null && strides != null && !sizes.isEmpty()) {
            parts.add("strides=" + strides.stream().map(s -> s < 0 ? "*" : s.toString()).toList());
        }
        if (requiresGrad != null) parts.add("requires_grad=" + (requiresGrad ? 1 : 0));
        if (device != null) parts.add("device=" + device);
        String name = dtype == null ? "Tensor" : dtype.printName();
        boolean bare = dtype == null && parts.isEmpty();
        if (dtype != null && sizes == null) parts.addFirst("...");
        return bare ? name : name + "(" + String.join(", ", parts) + ")";
    }
}
