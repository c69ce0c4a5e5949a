package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs graphs over ints, bools, lists of ints and tuples: enough to see whether a pass changed what a program does. */
final class MiniInterpreter {
    private final Map<Value, Object> values = new IdentityHashMap<>();
    /** What the program printed. */
    final List<String> printed = new ArrayList<>();

    List<Object> run(Graph graph, List<Object> inputs) {
        for (int i = 0; i < inputs.size(); i++) values.put(graph.inputs().get(i), inputs.get(i));
        return block(graph.body());
    }

    private List<Object> block(Block b) {
        for (Node n : b.nodes()) {
            List<Object> out = node(n, get(n.inputs()));
            for (int i = 0; i < n.outputs().size(); i++) values.put(n.outputs().get(i), out.get(i));
        }
        return get(b.returns());
    }

    private List<Object> get(List<Value> vs) { return new ArrayList<>(vs.stream().map(values::get).toList()); }

    private List<Object> node(Node n, List<Object> in) {
        return switch (n.kind()) {
            case Kinds.IF -> block(n.block((Boolean) in.getFirst() ? 0 : 1));
            case Kinds.LOOP -> loop(n, in);
            case Kinds.PRINT -> {
                printed.add(in.toString());
                yield List.of();
            }
            case Kinds.LIST_CONSTRUCT -> List.of(in);
            case Kinds.TUPLE_UNPACK, Kinds.LIST_UNPACK -> new ArrayList<>((List<?>) in.getFirst());
            case Kinds.CONSTANT -> List.of(n.attribute("value"));
            default -> compute(n, in).orElseThrow(() -> new IllegalStateException("cannot run " + n));
        };
    }

    private List<Object> loop(Node n, List<Object> in) {
        Block body = n.block(0);
        List<Object> carried = in.subList(2, in.size());
        boolean go = (Boolean) in.get(1);
        for (long i = 0; go && i < (Long) in.get(0); i++) {
            values.put(body.params().getFirst(), i);
            for (int k = 0; k < carried.size(); k++) values.put(body.params().get(k + 1), carried.get(k));
            List<Object> out = block(body);
            go = (Boolean) out.getFirst();
            carried = out.subList(1, out.size());
        }
        return carried;
    }

    /** Nodes without blocks; as the evaluator of constants too. */
    @SuppressWarnings("unchecked") // lists hold Longs by construction
    static Optional<List<Object>> compute(Node n, List<Object> in) {
        Object result = switch (n.operator() == null ? n.kind() : n.operator().schema().qualifiedName()) {
            case "aten::add.int" -> (Long) in.get(0) + (Long) in.get(1);
            case "aten::sub.int" -> (Long) in.get(0) - (Long) in.get(1);
            case "aten::mul.int" -> (Long) in.get(0) * (Long) in.get(1);
            case "aten::lt.int" -> (Long) in.get(0) < (Long) in.get(1);
            case "aten::__not__" -> !(Boolean) in.get(0);
            case "aten::Int.Scalar" -> in.get(0);
            case "aten::len.t" -> (long) ((List<?>) in.get(0)).size();
            case "aten::__getitem__.t" -> ((List<Object>) in.get(0)).get((int) (long) (Long) in.get(1));
            case "aten::_set_item.t" -> {
                ((List<Object>) in.get(0)).set((int) (long) (Long) in.get(1), in.get(2));
                yield in.get(0);
            }
            case "aten::append.t" -> {
                ((List<Object>) in.get(0)).add(in.get(1));
                yield in.get(0);
            }
            case "prim::TupleConstruct" -> List.copyOf(in);
            case "prim::TupleIndex" -> ((List<Object>) in.get(0)).get((int) (long) (Long) in.get(1));
            default -> null;
        };
        return Optional.ofNullable(result).map(List::of);
    }
}
