package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** What the values of a static subgraph are: constants, lists, and terms over other values. */
final class Definitions {
    /** What fusion makes of a node. */
    enum Role {
        /** Costs nothing in a kernel: constants, lists, views. */
        FREE,
        /** Computes something that a kernel can compute. */
        COMPUTE,
        /** Neither. */
        OUTSIDE
    }

    private final Map<Value, Object> constants = new HashMap<>();
    private final Map<Value, List<Value>> lists = new HashMap<>();
    private final Map<Value, List<Term>> listTerms = new HashMap<>();
    private final Map<Value, Term> terms = new HashMap<>();
    private final Map<Node, Role> roles = new IdentityHashMap<>();
    private final Map<Node, String> reasons = new IdentityHashMap<>();
    private final MetaExecution meta = new MetaExecution(new Catalog(List.of()));

    private final long productRows;

    private Definitions(long productRows) { this.productRows = productRows; }

    /** @param productRows of how many rows products are something that a kernel can compute; 0 for none */
    static Definitions of(Graph graph, long productRows) {
        Definitions d = new Definitions(productRows);
        for (Node n : graph.nodes()) d.roles.put(n, d.define(n));
        return d;
    }

    Role role(Node n) { return roles.get(n); }

    /** Why a node is {@link Role#OUTSIDE}. */
    String reason(Node n) { return reasons.get(n); }

    /** What a value is, or null if it can only be loaded. */
    Term term(Value v) { return terms.get(v); }

    boolean isConstant(Value v) { return constants.containsKey(v); }

    Object constant(Value v) { return constants.get(v); }

    /** The elements of a list of tensors. @throws CannotFuse if they are not known */
    List<Value> elements(Value list) {
        List<Value> found = lists.get(list);
        if (found == null) throw new CannotFuse("a list that is not known");
        return found;
    }

    MetaExecution meta() { return meta; }

    long productRows() { return productRows; }

    private Role define(Node n) {
        return switch (n.kind()) {
            case Kinds.CONSTANT -> constant(n);
            case Kinds.LIST_CONSTRUCT -> list(n);
            case Kinds.LIST_UNPACK -> unpack(n);
            default -> n.operator() instanceof Operator o && o.isImplemented() ? call(n, o) : outside(n, "not an operator");
        };
    }

    private Role outside(Node n, String reason) {
        reasons.put(n, reason);
        return Role.OUTSIDE;
    }

    private Role constant(Node n) {
        Object value = n.attribute("value");
        if (!(value instanceof Tensor t)) {
            constants.put(n.output(), value);
            return Role.FREE;
        }
        Object number = Constants.uniform(t);
        if (number == null || !isComplete(n.output())) return outside(n, "a constant tensor");
        terms.put(n.output(), new Term.Uniform(number, t.dtype(), t.sizes()));
        return Role.FREE;
    }

    private Role list(Node n) {
        if (n.inputs().stream().allMatch(constants::containsKey)) {
            constants.put(n.output(), new ArrayList<>(n.inputs().stream().map(constants::get).toList()));
        } else {
            lists.put(n.output(), n.inputs());
        }
        return Role.FREE;
    }

    private Role unpack(Node n) {
        List<Term> elements = listTerms.get(n.input(0));
        if (elements == null || elements.size() != n.outputs().size()) return outside(n, "a list that is not known");
        for (int i = 0; i < elements.size(); i++) terms.put(n.outputs().get(i), elements.get(i));
        return Role.FREE;
    }

    private Role call(Node n, Operator operator) {
        try {
            for (Value v : n.inputs()) checkType(v);
            for (Value v : n.outputs()) checkType(v);
            FusionRule rule = FusionRules.of(operator, productRows > 0);
            List<Term> results = rule.apply(new OperatorCall(n, this));
            if (n.outputs().size() == 1 && n.output().type() instanceof ListType) listTerms.put(n.output(), results);
            else for (int i = 0; i < n.outputs().size(); i++) if (results.get(i) != null) terms.put(n.outputs().get(i), results.get(i));
            return isFree(results) ? Role.FREE : Role.COMPUTE;
        } catch (CannotFuse e) {
            return outside(n, e.reason());
        }
    }

    private static boolean isFree(List<Term> results) {
        return results.stream().allMatch(t -> t instanceof Term.Uniform
            || t instanceof Term.View(Term base, long _, long[] _, long[] _) && base instanceof Term.Source);
    }

    private static void checkType(Value v) {
        if (!(v.type() instanceof TensorType t)) return;
        if (!isComplete(v)) throw new CannotFuse("a tensor of unknown shape");
        if (t.dtype().isComplex()) throw new CannotFuse("complex numbers");
        if (t.dtype().category() == ScalarType.Category.QUANTIZED) throw new CannotFuse("quantised numbers");
        if (t.sizes().contains(0L)) throw new CannotFuse("no elements");
    }

    private static boolean isComplete(Value v) { return v.type() instanceof TensorType t && t.isComplete(); }

    // ---- types and constants

    static TensorType type(Value v) {
        if (v.type() instanceof TensorType t && t.isComplete()) return t;
        throw new CannotFuse("a tensor of unknown shape");
    }

    static long[] sizes(TensorType t) { return t.sizes().stream().mapToLong(Long::longValue).toArray(); }

    static long[] sizes(Value v) { return sizes(type(v)); }

    static long numel(Value v) { return Shapes.numel(sizes(v)); }

    /** A constant as operators take it. */
    static Object runtime(Object constant, Type type) {
        return constant instanceof List<?> items
            ? new ScriptList(type instanceof ListType l ? l.element() : TensorType.ANY, items) : constant;
    }
}
