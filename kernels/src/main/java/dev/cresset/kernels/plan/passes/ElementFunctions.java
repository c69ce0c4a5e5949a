package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.PostOps;
import dev.cresset.tensor.Tensor;

/**
 * Pointwise operators as functions of one element that the library applies to a result before it writes it. Its relu and
 * clamp give their bound where the operators give NaN; all else differs in the last bits.
 */
public final class ElementFunctions {
    private ElementFunctions() {}

    /**
     * A chain of functions and then what a node does.
     *
     * @param x the value that the node is applied to
     * @return null if the node is no function of {@code x} alone, or the library does not have it
     */
    public static PostOps append(PostOps chain, Node n, Value x, KnownValues constants) {
        if (!n.inputs().stream().allMatch(v -> v == x || constants.has(v))) return null;
        Arguments a = new Arguments(n, constants);
        PostOps longer = n.input(0) == x ? function(chain, n, a) : null;
        return longer != null ? longer : arithmetic(chain, n, x, a);
    }

    /** The constants that a node is given. */
    private record Arguments(Node node, KnownValues constants) {
        Object at(int i) { return constants.of(node.input(i)); }

        float number(int i, float fallback) {
            return switch (at(i)) {
                case Long l -> l;
                case Double d -> d.floatValue();
                case null, default -> fallback;
            };
        }

        /** A number, also one in a tensor of one element; null if it is none. */
        Double scalar(int i) {
            return switch (at(i)) {
                case Long l -> (double) l;
                case Double d -> d;
                case Tensor t when t.numel() == 1 && t.dtype() != ScalarType.BOOL && !t.dtype().isComplex() -> t.toDoubleArray()[0];
                case null, default -> null;
            };
        }
    }

    private static PostOps function(PostOps chain, Node n, Arguments a) {
        return switch (n.operator().schema().qualifiedName()) {
            case "aten::relu" -> chain.relu();
            case "aten::relu6" -> chain.clip(0, 6);
            case "aten::hardtanh" -> chain.clip(a.number(1, -1), a.number(2, 1));
            case "aten::clamp" -> chain.clip(a.number(1, Float.NEGATIVE_INFINITY), a.number(2, Float.POSITIVE_INFINITY));
            case "aten::clamp_min" -> chain.clip(a.number(1, 0), Float.POSITIVE_INFINITY);
            case "aten::leaky_relu" -> chain.leakyRelu(a.number(1, 0));
            case "aten::elu" -> a.number(2, 1) == 1 && a.number(3, 1) == 1 ? chain.elu(a.number(1, 1)) : null;
            case "aten::gelu" -> "tanh".equals(a.at(1)) ? chain.geluTanh() : chain.gelu();
            case "aten::sigmoid" -> chain.sigmoid();
            case "aten::tanh" -> chain.tanh();
            case "aten::silu" -> chain.silu();
            case "aten::hardsigmoid" -> chain.hardsigmoid();
            case "aten::hardswish" -> chain.hardswish();
            case "aten::neg" -> chain.linear(-1, 0);
            default -> null;
        };
    }

    /** With a number. */
    private static PostOps arithmetic(PostOps chain, Node n, Value x, Arguments a) {
        if (n.inputs().size() < 2 || n.input(0) == n.input(1)) return null;
        boolean first = n.input(0) == x;
        Double number = a.scalar(first ? 1 : 0);
        if (number == null) return null;
        return switch (n.operator().schema().name()) {
            case "aten::add" -> a.number(2, 1) == 1 ? chain.linear(1, (float) (double) number) : null;
            case "aten::sub" -> first && a.number(2, 1) == 1 ? chain.linear(1, (float) -number) : null;
            case "aten::mul" -> chain.linear((float) (double) number, 0);
            case "aten::div" -> first && n.inputs().size() == 2 ? chain.linear((float) (1 / number), 0) : null;
            default -> null;
        };
    }
}
