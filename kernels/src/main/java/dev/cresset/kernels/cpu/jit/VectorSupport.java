package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Structure;
import java.util.List;

/** What can be computed with vectors. */
final class VectorSupport {
    /** Vectors of 128 bits go with instruction sets whose loads and stores know no masks, as tails need them. */
    private static final boolean IS_USABLE = VectorApi.IS_PRESENT && VectorShapes.LANES >= 8;

    private VectorSupport() {}

    /** Of each operation: whether vectors have it. */
    static boolean[] canEmit(Structure s) {
        boolean[] can = new boolean[s.nodes().size()];
        for (int i = 0; i < can.length; i++) {
            Dag.Node n = s.node(i);
            can[i] = IS_USABLE && isVector(n.kind()) && canEmit(s, n)
                && n.arguments().stream().allMatch(a -> isArgument(s.node(a)));
        }
        return can;
    }

    /** Whether a pass that ends with these reductions and results can be one over vectors. */
    static boolean canEnd(Structure s, List<Integer> folds, List<Integer> outputs) {
        return IS_USABLE && folds.stream().allMatch(f -> s.node(s.folds().get(f).value()).kind() == ScalarType.FLOAT32)
            && outputs.stream().map(s.outputs()::get)
                .allMatch(o -> o.perRow() || isVector(o.type()) && o.type() == s.node(o.value()).kind());
    }

    /** Whether there are vectors of a type of elements or values, in memory also. */
    static boolean isVector(ScalarType t) { return t == ScalarType.FLOAT32 || t == ScalarType.BOOL; }

    /** Floats and bools; integers if they are elements of up to 32 bits, or constants. */
    private static boolean isArgument(Dag.Node n) {
        return isVector(n.kind()) || n.op() instanceof Dag.Op.Load(int _, ScalarType t) && isShortInteger(t)
            || n.op() instanceof Dag.Op.Constant(Object value) && value instanceof Long v && v == v.intValue();
    }

    private static boolean isShortInteger(ScalarType t) {
        return switch (t) {
            case INT32, QINT32, INT16, UINT8, INT8, QUINT8, QINT8 -> true;
            default -> false;
        };
    }

    private static boolean canEmit(Structure s, Dag.Node n) {
        return switch (n.op()) {
            case Dag.Op.Load(int _, ScalarType t) -> isVector(t);
            case Dag.Op.Constant _, Dag.Op.Reduced _, Dag.Op.Param _ -> true;
            case Dag.Op.Select _ -> s.node(n.argument(1)).kind() != ScalarType.INT64;
            case Dag.Op.Cast(ScalarType t) -> t == ScalarType.FLOAT32 || t == ScalarType.BOOL;
            case Dag.Op.Unary(UnaryFn fn) -> VectorFunctions.has(fn, s.node(n.argument(0)).kind());
            case Dag.Op.Binary(BinaryFn fn) -> VectorFunctions.has(fn, s.node(n.argument(0)).kind(),
                s.node(n.argument(1)).op() instanceof Dag.Op.Constant(Object value) ? value : null);
        };
    }
}
