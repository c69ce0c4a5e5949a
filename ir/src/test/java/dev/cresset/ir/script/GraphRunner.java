package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ClassType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs graphs over ints, bools, texts, lists, dicts, tuples and objects: enough to see what control flow does. */
final class GraphRunner {
    /** A hole that must never be read. */
    private static final Object HOLE = new Object();
    private final Map<Value, Object> values = new HashMap<>();

    private GraphRunner() {}

    static Object run(Graph graph, Object... args) {
        GraphRunner runner = new GraphRunner();
        for (int i = 0; i < args.length; i++) runner.values.put(graph.inputs().get(i), args[i]);
        return runner.block(graph.body()).getFirst();
    }

    private List<Object> block(Block block) {
        for (Node n : block.nodes()) node(n);
        List<Object> returned = new ArrayList<>(); // may hold null, which is None
        for (Value v : block.returns()) returned.add(values.get(v));
        return returned;
    }

    private Object in(Node n, int i) {
        Object v = values.get(n.input(i));
        if (v == HOLE) throw new AssertionError("an uninitialized value is read by " + n.kind());
        return v;
    }

    private long num(Node n, int i) { return (Long) in(n, i); }

    private void out(Node n, Object v) { values.put(n.output(), v); }

    private void outs(Node n, List<?> v) { for (int i = 0; i < n.outputs().size(); i++) values.put(n.outputs().get(i),
        v.get(i)); }

    private List<Object> all(Node n, int from) {
        List<Object> args = new ArrayList<>();
        for (int i = from; i < n.inputs().size(); i++) args.add(values.get(n.input(i)));
        return args;
    }

    @SuppressWarnings("unchecked")
    private void node(Node n) {
        switch (n.kind()) {
            case Kinds.CONSTANT -> out(n, n.attribute("function") != null ? n.attribute("function")
                : n.attribute("value"));
            case Kinds.IF -> outs(n, block(n.block((Boolean) in(n, 0) ? 0 : 1)));
            case Kinds.LOOP -> loop(n);
            case Kinds.LIST_CONSTRUCT, Kinds.TUPLE_CONSTRUCT -> out(n, all(n, 0));
            case Kinds.TUPLE_UNPACK, Kinds.LIST_UNPACK -> outs(n, (List<Object>) in(n, 0));
            case Kinds.TUPLE_INDEX -> out(n, ((List<Object>) in(n, 0)).get((int) num(n, 1)));
            case Kinds.TUPLE_SLICE -> out(n,
                ((List<Object>) in(n, 0)).subList((int) (long) n.attribute("beg"), (int) (long) n.attribute("end")));
            case Kinds.DICT_CONSTRUCT -> {
                Map<Object, Object> map = new LinkedHashMap<>();
                for (int i = 0; i < n.inputs().size(); i += 2) map.put(in(n, i), in(n, i + 1));
                out(n, map);
            }
            case Kinds.UNINITIALIZED -> out(n, HOLE);
            case Kinds.UNCHECKED_CAST -> out(n, in(n, 0));
            case Kinds.RAISE -> throw new ScriptError(String.valueOf(in(n, 1)), String.valueOf(in(n, 0)));
            case Kinds.CALL_FUNCTION -> out(n, run(((ScriptFunction) in(n, 0)).graph(), all(n, 1).toArray()));
            case Kinds.CALL_METHOD -> out(n,
                run(((ClassType) n.input(0).type()).method(n.text("name")).orElseThrow().graph(), all(n, 0).toArray()));
            case Kinds.CREATE_OBJECT -> out(n, new HashMap<String, Object>());
            case Kinds.GET_ATTR -> out(n, ((Map<String, Object>) in(n, 0)).get(n.text("name")));
            case Kinds.SET_ATTR -> ((Map<String, Object>) in(n, 0)).put(n.text("name"), in(n, 1));
            case Kinds.FORK -> out(n, run(n.subgraph().orElseThrow(), all(n, 0).toArray()));
            case Kinds.ENTER -> method(n, "__enter__");
            case Kinds.EXIT -> method(n, "__exit__");
            default -> operator(n);
        }
    }

    private void method(Node n, String name) {
        Graph graph = ((ClassType) n.input(0).type()).method(name).orElseThrow().graph();
        Object[] args = new Object[graph.inputs().size()];
        args[0] = in(n, 0);
        out(n, run(graph, args));
    }

    private void loop(Node n) {
        long trips = num(n, 0);
        boolean go = (Boolean) in(n, 1);
        List<Object> carried = all(n, 2);
        Block body = n.block(0);
        for (long i = 0; go && i < trips; i++) {
            values.put(body.params().get(0), i);
            for (int k = 0; k < carried.size(); k++) values.put(body.params().get(k + 1), carried.get(k));
            List<Object> returned = block(body);
            go = (Boolean) returned.getFirst();
            carried = returned.subList(1, returned.size());
        }
        outs(n, carried);
    }

    @SuppressWarnings("unchecked")
    private void operator(Node n) {
        Object result = switch (n.operator().schema().qualifiedName()) {
            case "aten::add.int" -> num(n, 0) + num(n, 1);
            case "aten::add.str" -> (String) in(n, 0) + in(n, 1);
            case "aten::sub.int" -> num(n, 0) - num(n, 1);
            case "aten::mul.int" -> num(n, 0) * num(n, 1);
            case "aten::neg.int" -> -num(n, 0);
            case "aten::floordiv.int" -> Math.floorDiv(num(n, 0), num(n, 1));
            case "aten::remainder.int" -> Math.floorMod(num(n, 0), num(n, 1));
            case "aten::lt.int" -> num(n, 0) < num(n, 1);
            case "aten::gt.int" -> num(n, 0) > num(n, 1);
            case "aten::le.int" -> num(n, 0) <= num(n, 1);
            case "aten::ge.int" -> num(n, 0) >= num(n, 1);
            case "aten::eq.int", "aten::eq.str" -> in(n, 0).equals(in(n, 1));
            case "aten::ne.int" -> !in(n, 0).equals(in(n, 1));
            case "aten::__is__" -> in(n, 0) == in(n, 1);
            case "aten::__isnot__" -> in(n, 0) != in(n, 1);
            case "aten::__not__" -> !(Boolean) in(n, 0);
            case "aten::__and__.bool" -> (Boolean) in(n, 0) & (Boolean) in(n, 1);
            case "aten::len.t" -> (long) ((List<Object>) in(n, 0)).size();
            case "aten::len.str" -> (long) ((String) in(n, 0)).length();
            case "aten::__getitem__.t" -> ((List<Object>) in(n, 0)).get((int) num(n, 1));
            case "aten::__getitem__.str" -> ((String) in(n, 0)).substring((int) num(n, 1), (int) num(n, 1) + 1);
            case "aten::_set_item.t" -> ((List<Object>) in(n, 0)).set((int) num(n, 1), in(n, 2));
            case "aten::append.t" -> ((List<Object>) in(n, 0)).add(in(n, 1));
            case "aten::wait" -> in(n, 0);
            case "aten::__range_length" -> Math.max(0, Math.ceilDiv(num(n, 1) - num(n, 0), num(n, 2)));
            case "aten::__derive_index" -> num(n, 1) + num(n, 0) * num(n, 2);
            case "prim::min.self_int" -> ((List<Long>) in(n, 0)).stream().min(Long::compare).orElseThrow();
            default -> throw new AssertionError("the test runner does not know "
                + n.operator().schema().qualifiedName());
        };
        if (n.outputs().size() == 1) out(n, result);
    }
}
