package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.Complex;
import dev.cresset.kernels.expr.ScalarInterpreter;
import dev.cresset.kernels.nest.Loops;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A generated kernel. Equal texts have equal entry names and different ones have different names, so that any kernels can share a
 * module ({@link KernelSource#module}). Shared memory is static; nothing has to be set at the launch.
 *
 * @param entry      the name of the {@code extern "C"} function
 * @param source     without the prelude
 * @param parameters the slots of its one by-value parameter, 8 bytes each, in order
 * @param vector     elements that are moved by one access: 1, or more, for operands that {@link Variant} says it takes
 */
public record KernelText(String entry, String source, List<Slot> parameters, Launch launch, int vector) implements KernelSource {
    public KernelText { parameters = List.copyOf(parameters); }

    @Override public Object key() { return entry; }

    @Override public List<String> families() { return List.of(); }

    public int parameterBytes() { return 8 * parameters.size(); }

    /**
     * Fills the slots.
     *
     * @param bases   the device address that the loops' offsets count from, of each operand
     * @param widths  bytes of an element of each operand
     * @param loops   with the rank that the kernel was made for, or fewer dimensions if it takes several ranks
     * @param numbers the operator's arguments that {@link Slot.Number} name
     */
    public long[] pack(long[] bases, int[] widths, Loops loops, IntFunction<Object> numbers) { return pack(parameters, bases, widths, loops, numbers); }

    static long[] pack(List<Slot> parameters, long[] bases, int[] widths, Loops loops, IntFunction<Object> numbers) {
        int dims = (int) parameters.stream().filter(s -> s instanceof Slot.Size).count(), missing = dims - loops.rank();
        long[] out = new long[parameters.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = switch (parameters.get(i)) {
                case Slot.Address(int k) -> bases[k] + loops.offsets()[k] * widths[k];
                case Slot.Rank() -> loops.rank();
                case Slot.Elements() -> loops.rows() * loops.rowLength();
                case Slot.Rows() -> loops.rows();
                case Slot.Size(int d) -> d < missing ? 1 : loops.sizes()[d - missing];
                case Slot.Stride(int k, int d) -> d < missing ? 0 : loops.strides()[k][d - missing];
                case Slot.Number n -> number(n, numbers.apply(n.argument()));
            };
        }
        return out;
    }

    private static long number(Slot.Number n, Object value) {
        return switch (ScalarInterpreter.convert(value, n.type())) {
            case Long v -> v;
            case Double v -> Double.doubleToRawLongBits(v);
            case Complex v -> Double.doubleToRawLongBits(n.imaginary() ? v.im() : v.re());
            case Object v -> throw new AssertionError("no number: " + v);
        };
    }

    /** Items of these loops, for {@link Launch#blocks}. */
    public long items(Loops loops) { return launch.unit() == Launch.Unit.ROW ? loops.rows() : loops.rows() * loops.rowLength(); }

    /** How many number arguments there are, a complex one counting as one. */
    public long numbers() { return parameters.stream().filter(s -> s instanceof Slot.Number n && !n.imaginary()).count(); }
}
