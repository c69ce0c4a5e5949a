package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.tensor.Tensor;

/** Constants in graphs. */
final class Constants {
    private Constants() {}

    static boolean is(Value v, Uses uses) {
        Node n = uses.definition(v);
        return n != null && n.is(Kinds.CONSTANT);
    }

    /** The constant's value; null if it is None or no constant. */
    static Object value(Value v, Uses uses) { return is(v, uses) ? uses.definition(v).attribute("value") : null; }

    /** The constant tensor, or null. */
    static Tensor tensor(Value v, Uses uses) { return value(v, uses) instanceof Tensor t ? t : null; }

    /** A number constant, or the fallback if it is None; NaN if it is something else. */
    static double number(Value v, Uses uses, double fallback) {
        if (!is(v, uses)) return Double.NaN;
        return switch (value(v, uses)) {
            case Long l -> l;
            case Double d -> d;
            case Boolean b -> b ? 1 : 0;
            case null -> fallback;
            default -> Double.NaN;
        };
    }

    static Node node(Tensor t, Location location) { return Node.constant(t, new Value(t.type()), location); }
}
