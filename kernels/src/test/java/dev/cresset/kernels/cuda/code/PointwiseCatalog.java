package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.ScalarInterpreter;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
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
        for (ScalarType t : TYPES) {
            for (PointwiseForms.Form f : PointwiseForms.of(catalog, t, (type, which) -> tensor(type, which, random))) {
                Expr e = f.operator().pointwise().template(f.arguments());
                if (isDefined(e, f.arguments())) out.add(new Call(f.operator().schema().qualifiedName(), t, f.arguments(), e));
            }
        }
        return out;
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
