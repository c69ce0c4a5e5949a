package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Operator;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Every pointwise operator of a catalogue, called with tensors of one element type: what its kernels are, before any program is known. */
public final class PointwiseForms {
    private PointwiseForms() {}

    /** An operator with arguments that stand for all of their types. */
    public record Form(Operator operator, Args arguments) {
        /** What is printed for such a call. */
        public CudaKernels.Pointwise kernel() {
            return CudaKernels.pointwise(operator.pointwise().value(arguments), operator.pointwise().template(arguments).type());
        }
    }

    /** Makes an operator's tensors. @param which counts them from 0 */
    public interface Tensors { Tensor of(ScalarType type, int which); }

    /** The forms that write no argument, of all operators that take this type. */
    public static List<Form> of(Catalog catalog, ScalarType t, Tensors tensors) {
        List<Form> out = new ArrayList<>();
        for (String name : catalog.declaredNames()) {
            for (Operator o : catalog.overloads(name)) {
                if (!(o.body() instanceof Body.Pointwise) || o.schema().arguments().stream().anyMatch(Argument::isWritten)) continue;
                Form form = new Form(o, arguments(o, t, tensors));
                if (isTaken(form)) out.add(form);
            }
        }
        return out;
    }

    private static boolean isTaken(Form form) {
        try {
            form.operator.pointwise().template(form.arguments);
            return true;
        } catch (ScriptError refusedType) {
            return false;
        }
    }

    private static Args arguments(Operator o, ScalarType t, Tensors tensors) {
        List<Argument> formal = o.schema().arguments();
        Object[] values = new Object[formal.size()];
        int count = 0;
        for (int i = 0; i < values.length; i++) {
            Argument a = formal.get(i);
            boolean isCondition = a.name().equals("condition") || a.name().equals("mask");
            values[i] = type(a) instanceof TensorType ? tensors.of(isCondition ? ScalarType.BOOL : t, count++) : number(a, t);
        }
        return new Args(null, values);
    }

    private static Type type(Argument a) { return a.type() instanceof OptionalType p ? p.element() : a.type(); }

    private static Object number(Argument a, ScalarType t) {
        Type type = type(a);
        if (a.hasDefault() && a.defaultValue() != null) return a.defaultValue();
        if (type == SimpleType.INT) return 2L;
        if (type == SimpleType.FLOAT) return 0.25;
        if (type == SimpleType.BOOL) return true;
        if (type == SimpleType.STR) return a.name().equals("rounding_mode") ? "floor" : "none";
        return t.isIntegral() ? (Object) 3L : t.isComplex() ? new Complex(1.5, -0.5) : (Object) 1.5;
    }
}
