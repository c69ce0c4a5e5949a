package dev.cresset.ir.rewrite;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.AliasInfo;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.VarType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which values of a graph may share memory, and whether that memory is written anywhere in the graph. Coarse on
 * purpose:
 * the order of nodes plays no part, a container and what it holds are one, and everything that comes from or goes to
 * the outside is one.
 */
public final class Sharing {
    private static final Value OUTSIDE = new Value(TensorType.ANY, "outside");
    /** Structural kinds whose outputs may be, or hold, parts of their inputs. */
    private static final Set<String> PASS_ON = Set.of(Kinds.LIST_CONSTRUCT, Kinds.LIST_UNPACK, Kinds.DICT_CONSTRUCT,
        Kinds.TUPLE_CONSTRUCT, Kinds.TUPLE_UNPACK, Kinds.TUPLE_INDEX, Kinds.TUPLE_SLICE, Kinds.GET_ATTR, Kinds.SET_ATTR,
        Kinds.UNCHECKED_CAST, Kinds.CONTAINER_INDEX, Kinds.CREATE_OBJECT);

    private final Map<Value, Value> parents = new IdentityHashMap<>();
    private final Set<Value> writtenValues = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Value> written = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Value> falseConstants = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Value> returned = Collections.newSetFromMap(new IdentityHashMap<>());

    private Sharing() {}

    public static Sharing of(Graph graph) {
        Sharing s = new Sharing();
        graph.inputs().forEach(s::shareWithOutside);
        graph.outputs().forEach(s::shareWithOutside);
        s.returned.addAll(graph.outputs());
        s.block(graph.body());
        for (Value v : s.writtenValues) s.written.add(s.root(v));
        return s;
    }

    /** True if memory the value may share is written somewhere in the graph, or by code the graph calls. */
    public boolean isWritten(Value v) { return v.type().isMutable() && written.contains(root(v)); }

    /** True if the value may share memory with an input, a result, an attribute or a constant of the graph. */
    public boolean reachesOutside(Value v) { return v.type().isMutable() && root(v) == root(OUTSIDE); }

    /** True if the graph returns this very value. */
    public boolean isReturned(Value v) { return returned.contains(v); }

    /** True if both may share memory. */
    public boolean mayShare(Value a, Value b) { return isShared(a) && isShared(b) && root(a) == root(b); }

    private static boolean isShared(Value v) { return v.type().isMutable(); }

    private void block(Block block) {
        for (Node n : block.nodes()) {
            n.blocks().forEach(this::block);
            if (isFalse(n)) falseConstants.add(n.output());
            boolean reads = Effects.trainingSwitch(n).filter(falseConstants::contains).isPresent();
            if (!reads) writtenValues.addAll(Effects.ownWrites(n));
            if (n.is(Kinds.IF)) n.blocks().forEach(b -> pairs(b.returns(), n.outputs()));
            else if (n.is(Kinds.LOOP)) loop(n);
            else if (n.operator() != null) operator(n);
            else structural(n);
        }
    }

    private static boolean isFalse(Node n) {
        return n.is(Kinds.CONSTANT) && Boolean.FALSE.equals(n.attribute("value"));
    }

    private void loop(Node n) {
        Block body = n.block(0);
        List<Value> carried = body.params().subList(1, body.params().size());
        pairs(n.inputs().subList(2, n.inputs().size()), carried);
        pairs(body.returns().subList(1, body.returns().size()), carried);
        pairs(carried, n.outputs());
    }

    private void structural(Node n) {
        if (n.is(Kinds.CONSTANT)) {
            shareWithOutside(n.output());
        } else if (Effects.isOpaque(n)) {
            n.inputs().forEach(this::shareWithOutside);
            n.outputs().forEach(this::shareWithOutside);
            writtenValues.add(OUTSIDE);
        } else if (PASS_ON.contains(n.kind())) {
            shareAll(n);
        }
    }

    private void shareAll(Node n) {
        List<Value> all = new ArrayList<>(n.inputs());
        all.addAll(n.outputs());
        List<Value> shared = all.stream().filter(Sharing::isShared).toList();
        for (Value v : shared) share(shared.getFirst(), v);
    }

    /** Values that a schema puts into the same alias set share; the wildcard is the outside. */
    private void operator(Node n) {
        FunctionSchema schema = n.operator().schema();
        Map<String, Value> sets = new HashMap<>();
        List<Argument> arguments = schema.arguments();
        for (int i = 0; i < n.inputs().size(); i++) {
            if (i < arguments.size()) annotated(arguments.get(i).alias(), n.input(i), n, sets);
            else shareWithOutside(n.input(i));
        }
        for (int i = 0; i < n.outputs().size(); i++) {
            boolean unknown = schema.returns().size() != n.outputs().size();
            if (unknown) shareWithOutside(n.outputs().get(i));
            else if (mayHoldInputs(schema.returns().get(i), n.outputs().get(i))) shareAll(n);
            else annotated(schema.returns().get(i).alias(), n.outputs().get(i), n, sets);
        }
    }

    private void annotated(AliasInfo alias, Value v, Node n, Map<String, Value> sets) {
        if (alias == null) return;
        boolean kept = alias.isWildcard() || alias.after().contains("*");
        if (kept) { // it may now be in any container, the written ones of this call among them
            shareWithOutside(v);
            n.inputs().stream().filter(o -> holds(o.type())).forEach(this::shareWithOutside);
        }
        for (String set : alias.sets()) {
            if (set.equals("*")) continue;
            Value first = sets.putIfAbsent(set, v);
            if (first != null) share(first, v);
        }
    }

    /**
     * A new container, or an element of some container: schemas do not say that {@code list + list} holds the old
     * elements.
     */
    private static boolean mayHoldInputs(Argument declared, Value output) {
        return declared.alias() == null && (holds(output.type()) || declared.type() instanceof VarType);
    }

    private static boolean holds(Type type) { return type.contained().stream().anyMatch(Type::isMutable); }

    private void pairs(List<Value> a, List<Value> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) share(a.get(i), b.get(i));
    }

    private void shareWithOutside(Value v) { if (isShared(v)) join(v, OUTSIDE); }

    private void share(Value a, Value b) { if (isShared(a) && isShared(b)) join(a, b); }

    private void join(Value a, Value b) {
        Value ra = root(a);
        Value rb = root(b);
        if (ra != rb) parents.put(ra, rb);
    }

    private Value root(Value v) {
        Value at = v;
        for (Value up = parents.get(at); up != null; up = parents.get(at)) at = up;
        if (at != v) parents.put(v, at);
        return at;
    }
}
