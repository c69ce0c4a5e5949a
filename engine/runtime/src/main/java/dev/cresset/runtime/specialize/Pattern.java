package dev.cresset.runtime.specialize;

import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.kernels.value.Text;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** What a specialised graph relies on of a value that it is given: a guard. */
public sealed interface Pattern {
    /** True if the value is as expected. */
    boolean matches(Object value);

    /** The same without sizes of tensors: what a plan that takes sizes as arguments relies on. */
    default Pattern ofAnySize() {
        return switch (this) {
            case OfTensor t -> new OfRank(t.dtype, t.device, t.sizes.length);
            case OfElements e -> new OfElements(e.list, e.elements.stream().map(Pattern::ofAnySize).toList());
            case OfRank _, OfConstant _, OfAny _, OfModule _ -> this;
        };
    }

    /** What is expected, as graphs print types. */
    String expected();

    /** Why a value does not match, as a sentence. */
    default String mismatch(String name, Object value) {
        return name + ": expected " + expected() + ", got " + describe(value);
    }

    /** A tensor of this element type and device, with these sizes and strides. */
    record OfTensor(ScalarType dtype, Device device, long[] sizes, long[] strides) implements Pattern {
        /** @param type complete */
        public static OfTensor of(TensorType type) {
            return new OfTensor(type.dtype(), type.device(), type.sizes().stream().mapToLong(Long::longValue).toArray(),
                type.strides().stream().mapToLong(Long::longValue).toArray());
        }

        static OfTensor of(Tensor t) { return new OfTensor(t.dtype(), t.device(), t.sizes(), t.strides()); }

        @Override public boolean matches(Object value) {
            return value instanceof Tensor t && t.dtype() == dtype && Arrays.equals(t.sizes(), sizes)
                && Arrays.equals(t.strides(), strides) && t.device().equals(device);
        }

        @Override public boolean equals(Object o) {
            return o instanceof OfTensor t && t.dtype == dtype && t.device.equals(device) && Arrays.equals(t.sizes, sizes) && Arrays.equals(t.strides, strides);
        }

        @Override public int hashCode() { return Objects.hash(dtype, device, Arrays.hashCode(sizes), Arrays.hashCode(strides)); }

        public TensorType type() { return TensorType.of(dtype, device, sizes, strides, false); }

        @Override public String expected() { return MetaText.of(dtype, device, sizes, strides); }
    }

    /** A tensor of this element type, device and number of dimensions, whatever their sizes. */
    record OfRank(ScalarType dtype, Device device, int rank) implements Pattern {
        @Override public boolean matches(Object value) {
            return value instanceof Tensor t && t.dtype() == dtype && t.dim() == rank && t.device().equals(device);
        }

        /** With unknown sizes. */
        public TensorType type() { return new TensorType(dtype, device, Collections.nCopies(rank, -1L), null, null); }

        @Override public String expected() { return type().toString(); }
    }

    /** This very number, bool, string, device or None. */
    record OfConstant(Object value) implements Pattern {
        @Override public boolean matches(Object other) { return Objects.equals(value, other); }

        @Override public String expected() { return describe(value); }
    }

    /** Any value that is not None, or None, of the argument's static type. */
    record OfAny(boolean none) implements Pattern {
        @Override public boolean matches(Object other) { return none == (other == null); }

        @Override public String expected() { return none ? "None" : "a value"; }
    }

    /** A tuple or list of as many elements, each as expected. */
    record OfElements(boolean list, List<Pattern> elements) implements Pattern {
        @Override public boolean matches(Object value) {
            List<?> items = list ? value instanceof ScriptList l ? l : null : value instanceof ScriptTuple t ? t : null;
            if (items == null || items.size() != elements.size()) return false;
            for (int i = 0; i < elements.size(); i++) if (!elements.get(i).matches(items.get(i))) return false;
            return true;
        }

        @Override public String expected() {
            return elements.stream().map(Pattern::expected).collect(Collectors.joining(", ", list ? "[" : "(", list ? "]" : ")"));
        }

        @Override public String mismatch(String name, Object value) {
            List<?> items = value instanceof ScriptList l ? l : value instanceof ScriptTuple t ? t : List.of();
            if (items.size() != elements.size()) return name + ": expected " + elements.size() + " elements, got " + items.size();
            for (int i = 0; i < elements.size(); i++) {
                if (!elements.get(i).matches(items.get(i))) return elements.get(i).mismatch(name + "[" + i + "]", items.get(i));
            }
            return Pattern.super.mismatch(name, value);
        }
    }

    /** The module itself; what of it is relied on stands in {@link Frozen}. */
    record OfModule() implements Pattern {
        @Override public boolean matches(Object value) { return value instanceof ScriptObject; }

        @Override public String expected() { return "the module"; }
    }

    private static String describe(Object value) {
        return switch (value) {
            case Tensor t -> MetaText.of(t.dtype(), t.device(), t.sizes(), t.strides());
            case String s -> s;
            case ScriptObject o -> o.type().name();
            case ScriptList l -> l.stream().map(Pattern::describe).collect(Collectors.joining(", ", "[", "]"));
            case ScriptTuple l -> l.stream().map(Pattern::describe).collect(Collectors.joining(", ", "(", ")"));
            case null, default -> Text.of(value);
        };
    }

    /** Tensor types in sentences: strides only where they are not row-major. */
    final class MetaText {
        private MetaText() {}

        static String of(ScalarType dtype, Device device, long[] sizes, long[] strides) {
            StringBuilder out = new StringBuilder(dtype.printName()).append('(');
            for (long s : sizes) out.append(s).append(", ");
            boolean plain = dev.cresset.tensor.Shapes.sameLayout(sizes, strides, dev.cresset.tensor.Shapes.contiguousStrides(sizes));
            if (!plain) out.append("strides=").append(Arrays.toString(strides)).append(", ");
            return out.append("device=").append(device).append(')').toString();
        }
    }
}
