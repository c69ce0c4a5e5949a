package dev.cresset.kernels.nest;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.ScalarInterpreter;
import dev.cresset.kernels.expr.UnaryFn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Expressions as one list of operations, each after its arguments: equal ones are there once, and those of constants
 * alone are evaluated by the definition, as the unfused path does. Named by their place in the list.
 */
public final class Dag {
    /** What an operation does with its arguments. */
    public sealed interface Op {
        record Load(int input, ScalarType type) implements Op {}

        record Reduced(int index, ScalarType type) implements Op {}

        /** A number argument of the kernel; loop nests of plans have none. */
        record Param(int input, ScalarType type) implements Op {}

        /** @param value a Long (INT64, BOOL), a Double (FLOAT32, FLOAT64) or a Complex */
        record Constant(Object value) implements Op {}

        record Cast(ScalarType type) implements Op {}

        record Unary(UnaryFn fn) implements Op {}

        record Binary(BinaryFn fn) implements Op {}

        record Select() implements Op {}
    }

    /** @param kind the compute type of its value */
    public record Node(Op op, ScalarType kind, List<Integer> arguments) {
        public int argument(int k) { return arguments.get(k); }
    }

    private static final ScalarInterpreter.Inputs NONE = new ScalarInterpreter.Inputs() {
        @Override public Object load(int input) { throw new AssertionError("constants load nothing"); }

        @Override public Object param(int input) { throw new AssertionError("constants have no arguments"); }
    };

    private final List<Node> nodes = new ArrayList<>();
    private final Map<Node, Integer> numbers = new HashMap<>();
    private final Map<Expr, Integer> seen = new IdentityHashMap<>();

    public List<Node> nodes() { return nodes; }

    public Node get(int id) { return nodes.get(id); }

    /** The constant that a node is, or null. */
    public Object constant(int id) { return nodes.get(id).op instanceof Op.Constant(Object value) ? value : null; }

    /** Adds an expression and what it consists of. @return its place */
    public int add(Expr e) {
        Integer known = seen.get(e);
        if (known != null) return known;
        int id = switch (e) {
            case Expr.Load(int i, ScalarType t) -> node(new Op.Load(i, t), Expr.compute(t));
            case Expr.Param(int i, ScalarType t) -> node(new Op.Param(i, t), Expr.compute(t));
            case Expr.Reduced(int i, ScalarType t) -> node(new Op.Reduced(i, t), Expr.compute(t));
            case Expr.Const c -> node(new Op.Constant(ScalarInterpreter.evaluate(c, NONE)), Expr.compute(c.type()));
            case Expr.Cast(Expr x, ScalarType t) -> cast(x, t);
            case Expr.Unary(UnaryFn fn, Expr x) -> node(new Op.Unary(fn), Expr.compute(e.type()), add(x));
            case Expr.Binary(BinaryFn fn, Expr x, Expr y) -> node(new Op.Binary(fn), Expr.compute(e.type()), add(x), add(y));
            case Expr.Select(Expr c, Expr x, Expr y) -> node(new Op.Select(), Expr.compute(e.type()), add(c), add(x), add(y));
        };
        seen.put(e, id);
        return id;
    }

    private int cast(Expr x, ScalarType t) {
        int a = add(x);
        boolean same = x.type() == t || t == Expr.compute(t) && nodes.get(a).kind == t;
        return same ? a : node(new Op.Cast(t), Expr.compute(t), a);
    }

    private int node(Op op, ScalarType kind, Integer... arguments) {
        Node n = folded(new Node(op, kind, List.of(arguments)));
        return numbers.computeIfAbsent(n, _ -> {
            nodes.add(n);
            return nodes.size() - 1;
        });
    }

    private Node folded(Node n) {
        if (n.arguments.isEmpty()) return n;
        List<Expr> arguments = new ArrayList<>();
        for (int a : n.arguments) {
            if (constant(a) == null) return n;
            arguments.add(new Expr.Const(constant(a), nodes.get(a).kind));
        }
        Expr e = switch (n.op) {
            case Op.Cast(ScalarType t) -> new Expr.Cast(arguments.get(0), t);
            case Op.Unary(UnaryFn fn) -> new Expr.Unary(fn, arguments.get(0));
            case Op.Binary(BinaryFn fn) -> new Expr.Binary(fn, arguments.get(0), arguments.get(1));
            case Op.Select _ -> new Expr.Select(arguments.get(0), arguments.get(1), arguments.get(2));
            case Op.Load _, Op.Reduced _, Op.Param _, Op.Constant _ -> throw new AssertionError("has no arguments");
        };
        try {
            return new Node(new Op.Constant(ScalarInterpreter.evaluate(e, NONE)), n.kind, List.of());
        } catch (ScriptError divisionByZero) {
            return n;   // fails where and when it is reached
        }
    }
}
