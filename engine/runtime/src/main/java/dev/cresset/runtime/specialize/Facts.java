package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that is known at one point of the evaluation: the fact for each value of the original graph, and for each mirror
 * the fact it belongs to. Makes values of the new graph from facts.
 */
final class Facts {
    final Emission emission = new Emission();
    private final Map<Value, Fact> env = new IdentityHashMap<>();
    private final Map<Object, Fact> byMirror = new IdentityHashMap<>();
    private final ModuleValues modules;
    private final KnownMemory memory = new KnownMemory();
    private final Map<Value, Tensor> tensors = new IdentityHashMap<>();
    private final Map<Fact.Shaped, Node> replacedBy = new IdentityHashMap<>();
    private int depth;

    /** @param self the new graph's value of the main module, and the module; both null if there is none */
    Facts(Value self, ScriptObject root) {
        modules = new ModuleValues(self, root, emission);
    }

    // ---- facts of values

    Fact of(Value v) {
        Fact f = env.get(v);
        if (f == null) throw new IllegalStateException("nothing is known of " + v);
        return f instanceof Fact.Container c && c.escaped ? escapedFact(c) : f;
    }

    List<Fact> of(List<Value> values) { return values.stream().map(this::of).toList(); }

    void bind(Value v, Fact f) {
        place(f);
        env.put(v, f);
        if (f.mirror() != null && !(f instanceof Fact.Known)) byMirror.put(f.mirror(), f);
    }

    private static Fact escapedFact(Fact.Container c) { return new Fact.Unknown(c.value, c.mirror()); }

    /** The fact of a run-time value that stands for something that is in the new graph already, or null. */
    Fact ofMirror(Object mirror) {
        Fact f = mirror == null ? null : byMirror.get(mirror);
        return f instanceof Fact.Container c && c.escaped ? escapedFact(c) : f;
    }

    /** The fact of a run-time value made of what is known already; null if it has a tensor that is not. */
    Fact wrap(Object mirror, Type type) {
        Fact known = ofMirror(mirror);
        if (known != null) return known;
        return switch (mirror) {
            case null -> new Fact.Known(null, SimpleType.NONE);
            case Tensor _ -> null;
            case ScriptList l -> {
                for (Object item : l) if (wrap(item, l.elementType()) == null) yield null;
                yield register(new Fact.Listed(new ListType(l.elementType()), l));
            }
            case ScriptDict d -> {
                for (Object key : d.keySet()) if (!(wrap(key, d.keyType()) instanceof Fact.Known)) yield null;
                for (Object item : d.values()) if (wrap(item, d.valueType()) == null) yield null;
                yield register(new Fact.Dicted(new DictType(d.keyType(), d.valueType()), d));
            }
            case ScriptTuple t -> {
                List<Fact> elements = new ArrayList<>();
                List<Type> types = type instanceof TupleType declared ? declared.elements() : Collections.nCopies(t.size(), SimpleType.ANY);
                for (int i = 0; i < t.size(); i++) {
                    Fact f = wrap(t.get(i), types.get(i));
                    if (f == null) yield null;
                    elements.add(f);
                }
                yield type instanceof TupleType declared ? register(new Fact.Tupled(declared, t, elements)) : null;
            }
            case Long _ -> new Fact.Known(mirror, SimpleType.INT);
            case Double _ -> new Fact.Known(mirror, SimpleType.FLOAT);
            case Boolean _ -> new Fact.Known(mirror, SimpleType.BOOL);
            case String _ -> new Fact.Known(mirror, SimpleType.STR);
            case dev.cresset.ir.type.Complex _ -> new Fact.Known(mirror, SimpleType.COMPLEX);
            case dev.cresset.ir.type.EnumMember e -> new Fact.Known(mirror, e.type());
            case dev.cresset.ir.type.Device _ -> new Fact.Known(mirror, SimpleType.DEVICE);
            default -> null;
        };
    }

    private void place(Fact f) { if (f instanceof Fact.Container c && c.depth < 0) c.depth = depth; }

    <F extends Fact> F register(F fact) {
        place(fact);
        byMirror.put(fact.mirror(), fact);
        return fact;
    }

    /** The same fact, known by its mirror if it has one of its own. */
    Fact registered(Fact f) { return f instanceof Fact.Known ? f : register(f); }

    /** A tensor that does not change; its mirror is the tensor itself. */
    Fact.Shaped constant(Tensor t, String hint) {
        if (ofMirror(t) instanceof Fact.Shaped known) return known;
        memory.see(t.storage());
        return register(new Fact.Shaped(t, new Value(TensorType.ANY, hint), true));
    }

    /** A tensor that a node of the new graph defines. */
    Fact.Shaped shaped(Tensor mirror, Value value) {
        tensors.put(value, mirror);
        memory.see(mirror.storage());
        return register(new Fact.Shaped(mirror, value, false));
    }

    /** The mirrors of the tensors that the new graph defines. */
    Map<Value, Tensor> tensors() { return tensors; }

    /** What is known of a tensor without its elements; whether it requires a gradient is not. */
    static TensorType typeOf(Tensor t) {
        TensorType full = t.type();
        return new TensorType(full.dtype(), full.device(), full.sizes(), full.strides(), null);
    }

    // ---- memory

    /** Notes the storage of a result of the node just added: fresh memory, unless it is somebody's already. */
    void allocated(Storage s) { memory.allocated(s, depth); }

    /** Notes that something that is not followed may refer to a tensor's memory. */
    private void expose(Tensor t) { memory.expose(t.storage()); }

    /** True if all that refers to this memory is known, and it was allocated in the block at hand. */
    boolean isPrivate(Storage s) { return memory.isPrivate(s, depth); }

    /** A fresh tensor stands for a written one from now on; older views of that must not be used any more. */
    Fact.Shaped replace(Fact.Shaped written, Tensor mirror, Value now, Node writer) {
        for (Fact f : byMirror.values()) {
            if (f instanceof Fact.Shaped s && s.mirror().storage() == written.mirror().storage()) {
                s.stale = true;
                replacedBy.put(s, writer);
            }
        }
        allocated(mirror.storage());
        Fact.Shaped fact = shaped(mirror, now);
        byMirror.put(written.mirror(), fact);
        env.replaceAll((_, f) -> f == written ? fact : f);
        return fact;
    }

    /** True outside of nested blocks: what is evaluated here runs in every call. */
    boolean isOutermost() { return depth == 0; }

    /** Evaluates something that runs in a nested block of the new graph; its nodes are added to {@code into}. */
    List<Node> nested(Runnable body) {
        depth++;
        try {
            return emission.inBlock(body);
        } finally {
            depth--;
        }
    }

    // ---- values of the new graph

    /** A value for a fact, to be read and not kept by its user. */
    Value value(Fact fact, Type type) {
        return switch (fact) {
            case Fact.Known k -> emission.constant(k.value(), k.value() == null ? SimpleType.NONE : k.type());
            case Fact.Shaped s -> tensor(s);
            case Fact.Container c -> c.value != null ? c.value : made(c, c.parts().stream().map(p -> value(wrap(p), p.type())).toList());
            case Fact.Tupled t -> {
                List<Value> elements = new ArrayList<>();
                for (int i = 0; i < t.elements().size(); i++) elements.add(value(t.elements().get(i), t.type().elements().get(i)));
                yield emission.structural(Kinds.TUPLE_CONSTRUCT, elements, t.type(), Location.NONE);
            }
            case Fact.Module m -> modules.value(m);
            case Fact.Unknown u -> u.value();
        };
    }

    private Value tensor(Fact.Shaped s) {
        if (s.stale) throw new Restart.Replaced(replacedBy.get(s));
        return s.isConstant() ? emission.constant(s.mirror(), s.value == null ? "" : s.value.hint()) : s.value;
    }

    private Fact wrap(Fact.Part p) { return wrap(p.mirror(), p.type()); }

    private Value made(Fact.Container c, List<Value> parts) { return emission.structural(c.kind(), parts, c.type(), Location.NONE); }

    /** A value for a fact whose user may keep it, change it or pass it on: from now on nothing is known of a container. */
    Value escape(Fact fact, Type type) {
        switch (fact) {
            case Fact.Container c -> {
                if (c.frozen != null) throw new Restart.Unfrozen(c.frozen);
                if (!c.escaped) {
                    if (depth > c.depth && c.value == null) throw new Restart.EscapedWithin();
                    List<Value> parts = c.parts().stream().map(p -> escape(wrap(p), p.type())).toList();
                    if (c.value == null) c.value = made(c, parts);
                    c.escaped = true;
                }
                return c.value;
            }
            case Fact.Tupled t -> {
                List<Value> elements = new ArrayList<>();
                for (int i = 0; i < t.elements().size(); i++) elements.add(escape(t.elements().get(i), t.type().elements().get(i)));
                return emission.structural(Kinds.TUPLE_CONSTRUCT, elements, t.type(), Location.NONE);
            }
            case Fact.Shaped s -> {
                expose(s.mirror());
                return tensor(s);
            }
            case Fact.Known _, Fact.Module _, Fact.Unknown _ -> {
                return value(fact, type);
            }
        }
    }

    /** Leaves a node as it is. @param escapes its inputs may be kept or changed by it */
    void keep(Node node, boolean escapes) {
        List<Value> inputs = new ArrayList<>();
        for (Value v : node.inputs()) inputs.add(escapes ? escape(of(v), v.type()) : value(of(v), v.type()));
        List<Value> outputs = node.outputs().stream().map(v -> new Value(v.type(), v.hint())).toList();
        emission.add(node.withInputs(inputs).withOutputs(outputs));
        for (int i = 0; i < outputs.size(); i++) bind(node.outputs().get(i), new Fact.Unknown(outputs.get(i)));
    }

    /** Notes that a tensor's memory is known to others from now on. */
    void expose(Fact fact) {
        switch (fact) {
            case Fact.Shaped s -> expose(s.mirror());
            case Fact.Tupled t -> t.elements().forEach(this::expose);
            case Fact.Container c -> c.parts().forEach(p -> expose(wrap(p)));
            case Fact.Known _, Fact.Module _, Fact.Unknown _ -> { }
        }
    }

    /** True if operators may look into this mirror: no list or dict in it has escaped, and if asked for, no part is unknown. */
    boolean isReliable(Object mirror, boolean allKnown) {
        Fact f = mirror == null ? null : byMirror.get(mirror);
        if (f instanceof Fact.Unknown) return !allKnown;
        if (f instanceof Fact.Container c && c.escaped) return false;
        return switch (mirror) {
            case ScriptList l -> l.stream().allMatch(item -> isReliable(item, allKnown));
            case ScriptTuple t -> t.stream().allMatch(item -> isReliable(item, allKnown));
            case ScriptDict d -> d.values().stream().allMatch(item -> isReliable(item, allKnown));
            case null, default -> true;
        };
    }
}
