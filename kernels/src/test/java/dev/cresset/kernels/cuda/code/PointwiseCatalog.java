package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.ScalarInterpreter;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Calls of every pointwise operator with every element type that it takes. */
final class PointwiseCatalog {
    static final List<ScalarType> TYPES = List.of(ScalarType.BOOL, ScalarType.UINT8, ScalarType.INT8, ScalarType.INT16, ScalarType.INT32,
        ScalarType.INT64, ScalarType.FLOAT16, ScalarType.BFLOAT16, ScalarType.FLOAT32, ScalarType.FLOAT64, ScalarType.COMPLEX64, ScalarType.COMPLEX128);

    private static final double[] SPECIAL = {0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 7.25};

    /** An operator with arguments, and what it computes at each element. */
    record Call(String name, ScalarType type, Args args, Expr expression) {}

    private PointwiseCatalog() {}

    static List<Call> calls(Random random) {
        List<Call> out = new ArrayList<>();
        Catalog catalog = Operators.catalog();
        for (String name : catalog.declaredNames()) {
            for (Operator o : catalog.overloads(name)) {
                if (!(o.body() instanceof Body.Pointwise) || o.schema().arguments().stream().anyMatch(Argument::isWritten)) continue;
                for (ScalarType t : TYPES) add(out, o, t, random);
            }
        }
        return out;
    }

    private static void add(List<Call> out, Operator o, ScalarType t, Random random) {
        List<Argument> formal = o.schema().arguments();
        Object[] values = new Object[formal.size()];
        int tensors = 0;
        for (int i = 0; i < values.length; i++) {
            Argument a = formal.get(i);
            boolean tensor = (a.type() instanceof OptionalType p ? p.element() : a.type()) instanceof TensorType;
            values[i] = tensor ? tensor(o.schema().name().contains("where") && i == 0 ? ScalarType.BOOL : t, tensors++, random) : number(a, t);
        }
        Args args = new Args(null, values);
        try {
            Expr e = o.pointwise().template(args);
            if (isDefined(e, args)) out.add(new Call(o.schema().qualifiedName(), t, args, e));
        } catch (ScriptError refusedType) {
            // the operator does not take it
        }
    }

    /** False for a function that does not exist for the type, which is found out by evaluation. */
    private static boolean isDefined(Expr e, Args args) {
        try {
            ScalarInterpreter.evaluate(e, new ScalarInterpreter.Inputs() {
                @Override public Object load(int k) { return Elements.get(args.tensor(k).data(), args.tensor(k).dtype(), 0); }

                @Override public Object param(int k) { return args.get(k); }
            });
            return true;
        } catch (ScriptError x) {
            return x.reason().equals("ZeroDivisionError");
        }
    }

    private static Object number(Argument a, ScalarType t) {
        Type type = a.type() instanceof OptionalType p ? p.element() : a.type();
        if (a.hasDefault() && a.defaultValue() != null) return a.defaultValue();
        if (type == SimpleType.INT) return 2L;
        if (type == SimpleType.FLOAT) return 0.25;
        if (type == SimpleType.BOOL) return true;
        if (type == SimpleType.STR) return a.name().equals("rounding_mode") ? "floor" : "none";
        return t.isIntegral() ? (Object) 3L : t.isComplex() ? new Complex(1.5, -0.5) : (Object) 1.5;
    }

    /** The first one is turned, the others broadcast to it: [4, 3, 5]. */
    private static Tensor tensor(ScalarType t, int which, Random random) {
        return switch (which) {
            case 0 -> filled(t, random, 5, 3, 4).view(new long[] {4, 3, 5}, new long[] {1, 4, 12});
            case 1 -> filled(t, random, 3, 5);
            default -> filled(t, random, 4, 1, 5);
        };
    }

    private static Tensor filled(ScalarType t, Random random, long... sizes) {
        Tensor out = Tensor.zeros(t, sizes);
        for (int i = 0; i < out.numel(); i++) {
            if (t.isComplex()) Elements.setComplex(out.data(), t, i, random.nextGaussian(), random.nextGaussian());
            else if (t.isIntegral()) Elements.setLong(out.data(), t, i, t == ScalarType.BOOL ? random.nextInt(2) : random.nextInt(-20, 20));
            else Elements.setDouble(out.data(), t, i, random.nextInt(4) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextGaussian() * 3);
        }
        return out;
    }
}
