package dev.cresset.kernels.plan;

import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.ir.type.TensorType;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The arguments of an operator as operands, and as the values that it is called with. */
record Arguments(List<Operand> operands) {
    Arguments { operands = List.copyOf(operands); }

    /** The places among them, those in lists too. */
    List<Place> places() {
        List<Place> out = new ArrayList<>();
        operands.forEach(o -> collect(o, out));
        return out;
    }

    private static void collect(Operand o, List<Place> out) {
        switch (o) {
            case Place p -> out.add(p);
            case Operand.Items l -> l.items().forEach(i -> collect(i, out));
            case Operand.Constant _ -> { }
        }
    }

    /** Bytes of the tensors among the constants. */
    long constantBytes() {
        return operands.stream().mapToLong(o -> o instanceof Operand.Constant(Tensor t) ? t.numel() * t.dtype().byteSize() : 0).sum();
    }

    /** For calls on descriptions alone. */
    Args described(CallContext context) {
        return new Args(context, operands.stream().map(Arguments::described).toArray());
    }

    private static Object described(Operand o) {
        return switch (o) {
            case Place p -> p.description();
            case Operand.Items l -> list(l.items().stream().map(Arguments::described).toList());
            case Operand.Constant c -> c.value();
        };
    }

    private static ScriptList list(List<Object> items) { return new ScriptList(TensorType.ANY, items); }

    /** The values in one frame; those that differ from run to run are renewed in each. */
    final class Bound {
        private final Frame frame;
        final Object[] values = new Object[operands.size()];
        private final List<Integer> renewed = new ArrayList<>();

        private Bound(Frame frame) {
            this.frame = frame;
            for (int i = 0; i < values.length; i++) {
                if (isFixed(operands.get(i))) values[i] = value(operands.get(i));
                else renewed.add(i);
            }
        }

        Args args(CallContext context) {
            for (int k = 0; k < renewed.size(); k++) {
                int i = renewed.get(k);
                values[i] = value(operands.get(i));
            }
            return new Args(context, values);
        }

        private Object value(Operand o) {
            return switch (o) {
                case Place p -> frame.tensor(p);
                case Operand.Items l -> list(l.items().stream().map(this::value).toList());
                case Operand.Constant c -> c.value();
            };
        }

        /** Lets go of what belongs to a run. */
        void clear() {
            for (int i : renewed) values[i] = null;
        }
    }

    private static boolean isFixed(Operand o) {
        return switch (o) {
            case Place p -> p.buffer().isFixed();
            case Operand.Items l -> l.items().stream().allMatch(Arguments::isFixed);
            case Operand.Constant _ -> true;
        };
    }

    Bound bind(Frame frame) { return new Bound(frame); }

    /** The tensors by position, as far as they are tensors. */
    static void tensors(Object[] values, Tensor[] into) {
        for (int i = 0; i < values.length; i++) into[i] = values[i] instanceof Tensor t ? t : null;
    }

    @Override public String toString() {
        StringBuilder s = new StringBuilder();
        for (Operand o : operands) s.append(s.isEmpty() ? "" : ", ").append(text(o));
        return s.toString();
    }

    private static String text(Operand o) {
        return switch (o) {
            case Place p -> p.toString();
            case Operand.Items l -> l.items().stream().map(Arguments::text).toList().toString();
            case Operand.Constant c -> c.value() instanceof Tensor t ? "constant " + t.type() : String.valueOf(c.value());
        };
    }
}
