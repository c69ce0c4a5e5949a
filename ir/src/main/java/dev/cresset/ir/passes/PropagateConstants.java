package dev.cresset.ir.passes;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Effects;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.rewrite.Sharing;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Computes what depends on constants only; keeps the taken branch of an if with a constant condition; removes loops
 * that
 * run zero times.
 *
 * <pre>{@code
 * %c : int = aten::add(%2, %3)              →     %c : int = prim::Constant[value=5]()
 * %r = prim::If(%true) block0: … -> (%a)    →     …, and %a for %r
 * %r = prim::Loop(%0, %true, %x) …          →     %x for %r
 * }</pre>
 *
 * <p>Only values that cannot change are made constants: numbers, strings, None, devices and tuples of these.
 */
public final class PropagateConstants implements Pass {
    private final Evaluator evaluator;

    public PropagateConstants(Evaluator evaluator) { this.evaluator = evaluator; }

    @Override public Graph run(Graph graph, PassContext context) {
        return Rewriter.rewrite(graph, new Run(Sharing.of(graph), context));
    }

    private final class Run implements Rewriter.NodeRewrite {
        private final Sharing sharing;
        private final PassContext context;
        private final Map<Value, Optional<Object>> known = new IdentityHashMap<>(); // empty for None

        Run(Sharing sharing, PassContext context) {
            this.sharing = sharing;
            this.context = context;
        }

        @Override public List<Node> rewrite(Node node, Rewriter rewriter) {
            if (node.is(Kinds.CONSTANT)) {
                boolean isFunction = node.attributes().containsKey("function") || node.attributes().containsKey("name");
                if (!isFunction) known.put(node.output(), Optional.ofNullable(node.attribute("value")));
                return null;
            }
            if (node.is(Kinds.IF)) return constantIf(node, rewriter);
            if (node.is(Kinds.LOOP)) return emptyLoop(node, rewriter);
            return fold(node);
        }

        private List<Node> constantIf(Node node, Rewriter rewriter) {
            if (!(value(node.input(0)) instanceof Boolean taken) || !context.mayChange()) return null;
            Block block = node.block(taken ? 0 : 1);
            List<Node> nodes = rewriter.nodes(block.nodes());
            rewriter.replace(node.outputs(), rewriter.get(block.returns()));
            return nodes;
        }

        private List<Node> emptyLoop(Node node, Rewriter rewriter) {
            boolean never = value(node.input(0)) instanceof Long trips && trips <= 0
                || value(node.input(1)) instanceof Boolean condition && !condition;
            if (!never) return null;
            List<Value> initial = node.inputs().subList(2, node.inputs().size());
            for (int i = 0; i < initial.size(); i++) {
                if (!initial.get(i).type().isSubtypeOf(node.outputs().get(i).type())) return null;
            }
            if (!context.mayChange()) return null;
            rewriter.replace(node.outputs(), initial);
            return List.of();
        }

        /** What fails stays, to fail when it is reached. */
        private Optional<List<Object>> evaluate(Node node) {
            try {
                return evaluator.evaluate(node, node.inputs().stream().map(this::value).toList());
            } catch (ScriptError _) {
                return Optional.empty();
            }
        }

        private Object value(Value v) { return known.getOrDefault(v, Optional.empty()).orElse(null); }

        private List<Node> fold(Node node) {
            if (!node.blocks().isEmpty() || node.outputs().isEmpty() || node.is(Kinds.UNINITIALIZED)) return null;
            if (!node.inputs().stream().allMatch(known::containsKey)) return null;
            // a constant tensor may be written in place
            if (node.inputs().stream().anyMatch(sharing::isWritten)) return null;
            if (!Effects.isPure(node) || Effects.isNondeterministic(node)) return null;
            if (!node.outputs().stream().allMatch(v -> isConstantType(v.type()))) return null;
            Optional<List<Object>> results = evaluate(node);
            if (results.isEmpty() || results.get().size() != node.outputs().size() || !context.mayChange()) return null;
            List<Node> constants = new ArrayList<>();
            for (int i = 0; i < node.outputs().size(); i++) {
                Object result = results.get().get(i);
                known.put(node.outputs().get(i), Optional.ofNullable(result));
                constants.add(Node.constant(result, node.outputs().get(i), node.location()));
            }
            return constants;
        }
    }

    private static boolean isConstantType(Type type) {
        return switch (type) {
            case SimpleType s -> switch (s) {
                case INT, FLOAT, COMPLEX, BOOL, STR, NUMBER, NONE, DEVICE -> true;
                default -> false;
            };
            case OptionalType o -> isConstantType(o.element());
            case TupleType t -> t.elements().stream().allMatch(PropagateConstants::isConstantType);
            default -> false;
        };
    }
}
