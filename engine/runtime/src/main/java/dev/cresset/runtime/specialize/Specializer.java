package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Effects;
import dev.cresset.ir.schema.OperatorInfo;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.runtime.interpreter.RuntimeTypes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Evaluates a graph as far as that can be done before it runs, for arguments of known types: tensors get complete types,
 * sizes become numbers, decided branches and loops disappear, lists, tuples and dicts that only pass things on too,
 * attributes that nobody changes become constants. What is left is the specialised graph, right for all arguments that match the
 * patterns and all instances with the same frozen attributes.
 *
 * <p>It is sound because it runs the operators' own code on tensors without memory ({@link MetaExecution}); what depends on
 * elements stays unknown and is computed at run time as before. Branches and loops on unknown conditions stay, their
 * insides specialised.
 */
public final class Specializer {
    private final Graph graph;
    private final OperatorTable operators;
    private final MetaExecution meta;
    private final List<Pattern> patterns;
    private final ScriptObject root;
    private final ScriptObject prototype;
    private final GuardPlan guards;
    private Frozen frozen;
    private final Written written;
    private final Set<String> setAttributes = new HashSet<>();
    private final Set<Node> notFunctional = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean makesListsEarly;
    private Facts facts;
    private OperatorEvaluation calls;
    private Branches branches;
    private Map<List<Integer>, Fact> stored;     // attributes, as this run has read or set them
    private boolean attributesIntact;            // nothing has set an attribute yet

    private Specializer(Graph graph, OperatorTable operators, MetaExecution meta, List<Pattern> patterns, ScriptObject root,
        ScriptObject prototype, Set<List<Integer>> changing, GuardPlan guards) {
        this.prototype = prototype;
        this.graph = graph;
        this.operators = operators;
        this.meta = meta;
        this.patterns = patterns;
        this.root = root;
        this.guards = guards;
        this.written = new Written(new Origins(graph), prototype, changing);
        collectSetAttributes(graph.body());
    }

    /**
     * A specialised graph.
     *
     * @param patterns what it relies on of its arguments
     * @param states   what it relies on of attributes that change, by their places
     * @param frozen   the attributes it took for constant
     * @param tensors  the mirrors of its tensor values: which of them share memory can be seen from the storages
     * @param checks   the guard behind each type check within the graph, by the check's result
     */
    public record Specialized(Graph graph, List<Pattern> patterns, Map<Frozen.Place, Pattern> states, Frozen frozen,
        Map<Value, Tensor> tensors, Map<Value, Node> checks) {}

    /**
     * Specialises.
     *
     * @param graph    inlined; its first input may be the module
     * @param patterns for each input
     * @param root     the module instance whose attributes are read, or null
     * @param prototype the module as loaded, which never changes: tensors taken for constant are its own; null without module
     * @param changing places of attributes that are not to be taken for constant
     * @param guards   which unknown values are to be guarded
     * @throws Unspecialisable saying why it cannot be done
     */
    public static Specialized specialize(Graph graph, OperatorTable operators, MetaExecution meta, List<Pattern> patterns,
        ScriptObject root, ScriptObject prototype, Set<List<Integer>> changing, GuardPlan guards) {
        return new Specializer(graph, operators, meta, patterns, root, prototype, changing, guards).run();
    }

    private void collectSetAttributes(Block block) {
        for (Node n : block.nodes()) {
            if (n.is(Kinds.SET_ATTR)) setAttributes.add(n.text("name"));
            n.blocks().forEach(this::collectSetAttributes);
        }
    }

    private Specialized run() {
        while (true) {
            try {
                return attempt();
            } catch (Facts.Replaced e) {
                notFunctional.add(e.writer);
            } catch (Facts.EscapedWithin _) {
                if (makesListsEarly) throw new Unspecialisable("a list is made in an inner block and used outside of it");
                makesListsEarly = true;
            } catch (Facts.Unfrozen e) {
                written.unfreeze(e.path);
            }
        }
    }

    private Specialized attempt() {
        guards.restart();
        List<Value> inputs = graph.inputs().stream().map(v -> new Value(v.type(), v.hint())).toList();
        facts = new Facts(inputs.isEmpty() ? null : inputs.getFirst(), root);
        frozen = new Frozen();
        stored = new HashMap<>();
        attributesIntact = true;
        written.restart();
        calls = new OperatorEvaluation(facts, meta, operators, notFunctional, written);
        branches = new Branches(this, facts);
        List<Value> typed = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) typed.add(input(graph.inputs().get(i), inputs.get(i), patterns.get(i)));
        List<Value> returns = new ArrayList<>();
        List<Fact> results = block(graph.body());
        for (int i = 0; i < graph.outputs().size(); i++) {
            if (results == null) throw new Unspecialisable("it always raises an error");
            returns.add(facts.escape(results.get(i), graph.outputs().get(i).type()));
        }
        Graph out = new Graph(new Block(typed, facts.emission.finish(), returns));
        return new Specialized(out, patterns, guards.states(), frozen, facts.tensors(), branches.checks());
    }

    // ---- inputs

    private Value input(Value old, Value plain, Pattern pattern) {
        if (pattern instanceof Pattern.OfTensor t) {
            Tensor mirror = MetaExecution.tensor(t.type());
            Value typed = new Value(Facts.typeOf(mirror), old.hint());
            facts.bind(old, facts.shaped(mirror, typed));
            return typed;
        }
        facts.bind(old, inputFact(plain, pattern, old.type()));
        return plain;
    }

    private Fact inputFact(Value value, Pattern pattern, Type type) {
        return switch (pattern) {
            case Pattern.OfModule _ -> new Fact.Module(root, List.of());
            case Pattern.OfConstant(Object v) -> {
                Fact f = facts.wrap(v, type);
                yield f == null ? new Fact.Unknown(value) : f;
            }
            case Pattern.OfAny(boolean none) -> none ? new Fact.Known(null, SimpleType.NONE) : new Fact.Unknown(value);
            case Pattern.OfElements e -> elements(value, e, type);
            case Pattern.OfTensor t -> {
                Tensor mirror = MetaExecution.tensor(t.type());
                yield facts.shaped(mirror, value);
            }
        };
    }

    /** Takes a tuple or list apart where the graph begins. */
    private Fact elements(Value value, Pattern.OfElements pattern, Type type) {
        Type plain = type instanceof dev.cresset.ir.type.OptionalType o ? o.element() : type;
        List<Value> items = new ArrayList<>();
        List<Fact> parts = new ArrayList<>();
        for (int i = 0; i < pattern.elements().size(); i++) {
            Type t = plain instanceof TupleType tuple ? tuple.elements().get(i) : ((ListType) plain).element();
            Pattern p = pattern.elements().get(i);
            Value item = new Value(p instanceof Pattern.OfTensor o ? Facts.typeOf(MetaExecution.tensor(o.type())) : t);
            items.add(item);
        }
        Value container = value;
        if (plain != type) {
            container = new Value(plain, value.hint());
            facts.emission.add(Node.prim(Kinds.UNCHECKED_CAST, List.of(value), List.of(container), dev.cresset.ir.graph.Location.NONE));
        }
        facts.emission.add(Node.prim(pattern.list() ? Kinds.LIST_UNPACK : Kinds.TUPLE_UNPACK, List.of(container), items,
            dev.cresset.ir.graph.Location.NONE));
        for (int i = 0; i < items.size(); i++) parts.add(registered(inputFact(items.get(i), pattern.elements().get(i), items.get(i).type())));
        Object[] mirrors = parts.stream().map(Fact::mirror).toArray();
        if (plain instanceof TupleType tuple) return new Fact.Tupled(tuple, ScriptTuple.of(tuple, mirrors), parts);
        ListType list = (ListType) plain;
        Fact.Listed listed = new Fact.Listed(list, new ScriptList(list.element(), java.util.Arrays.asList(mirrors)));
        listed.value = container;
        return listed;
    }

    private Fact registered(Fact f) { return f instanceof Fact.Known ? f : facts.register(f); }

    // ---- blocks and nodes

    /** The facts of a block's returns; null if it never gets to its end. */
    List<Fact> block(Block block) { return rest(block, 0); }

    private List<Fact> rest(Block block, int from) {
        List<Node> nodes = block.nodes();
        for (int i = from; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            if (node.is(Kinds.GUARD) && guards.wants(node, facts.of(node.input(0)))) return guarded(block, i);
            if (node.is(Kinds.IF)) {
                Optional<Boolean> always = guards.always(node, facts.of(node.input(0)));
                if (always.isPresent() && branches.losesFacts(node, always.get())) {
                    guards.use();
                    int at = i;
                    return branches.oneSided(node, always.get(), block, at, () -> rest(block, at + 1));
                }
            }
            if (!node(node)) return null;
        }
        return facts.of(block.returns());
    }

    /** A guard on an unknown value: the rest of the block twice, specialised if the value is as expected, else as it was. */
    private List<Fact> guarded(Block block, int at) {
        Node guard = block.nodes().get(at);
        return branches.guarded(guard, block, at, () -> rest(block, at + 1));
    }

    /** Evaluates a node; false if what follows is never reached. */
    private boolean node(Node node) {
        if (node.operator() != null) {
            calls.evaluate(node);
            return true;
        }
        switch (node.kind()) {
            case Kinds.CONSTANT -> constant(node);
            case Kinds.IF -> { return branches.ifNode(node); }
            case Kinds.LOOP -> { return branches.loop(node); }
            case Kinds.LIST_CONSTRUCT -> listConstruct(node);
            case Kinds.DICT_CONSTRUCT -> dictConstruct(node);
            case Kinds.TUPLE_CONSTRUCT -> tupleConstruct(node);
            case Kinds.LIST_UNPACK, Kinds.TUPLE_UNPACK -> unpack(node);
            case Kinds.TUPLE_INDEX -> tupleIndex(node);
            case Kinds.TUPLE_SLICE -> keep(node, false);
            case Kinds.GET_ATTR -> getAttribute(node);
            case Kinds.SET_ATTR -> setAttribute(node);
            case Kinds.UNCHECKED_CAST, Kinds.GUARD, Kinds.PROFILE -> cast(node);
            case Kinds.IS_INSTANCE -> isInstance(node);
            case Kinds.RAISE -> {
                keep(node, true);
                return false;
            }
            case Kinds.PRINT, Kinds.TO_LIST, Kinds.UNINITIALIZED, Kinds.ENUM_NAME, Kinds.ENUM_VALUE -> keep(node, false);
            default -> {
                written.anything();
                keep(node, true);
                forgetAttributes();
            }
        }
        return true;
    }

    /** Leaves a node as it is. @param escapes its inputs may be kept or changed by it */
    private void keep(Node node, boolean escapes) {
        List<Value> inputs = new ArrayList<>();
        for (Value v : node.inputs()) inputs.add(escapes ? facts.escape(facts.of(v), v.type()) : facts.value(facts.of(v), v.type()));
        List<Value> outputs = node.outputs().stream().map(v -> new Value(v.type(), v.hint())).toList();
        facts.emission.add(node.withInputs(inputs).withOutputs(outputs));
        for (int i = 0; i < outputs.size(); i++) facts.bind(node.outputs().get(i), new Fact.Unknown(outputs.get(i)));
    }

    private void constant(Node node) {
        Object value = node.attribute("value");
        boolean isFunction = node.attributes().containsKey("function") || node.attributes().containsKey("name");
        Fact f = isFunction ? null : value instanceof Tensor t ? constantTensor(node, t)
            : value instanceof ScriptList || value instanceof ScriptDict ? null
            : value instanceof dev.cresset.ir.type.EnumMember ? new Fact.Known(value, node.output().type()) : facts.wrap(value, node.output().type());
        if (f == null) {
            Value out = new Value(node.output().type(), node.output().hint());
            facts.emission.addToPrologue(node.withOutputs(List.of(out)));
            f = new Fact.Unknown(out);
        }
        facts.bind(node.output(), f);
    }

    /** The fact of a constant that the graph does not write; null for one that it may. */
    private Fact constantTensor(Node node, Tensor t) {
        return written.mayChange(node) || t.storage().isPooled() ? null : facts.constant(t, node.output().hint());
    }

    // ---- containers

    private void listConstruct(Node node) {
        ListType type = (ListType) node.output().type();
        List<Object> mirrors = facts.of(node.inputs()).stream().map(this::registered).map(Fact::mirror).toList();
        ScriptList mirror = new ScriptList(type.element(), mirrors);
        facts.bind(node.output(), new Fact.Listed(type, mirror));
    }

    private void dictConstruct(Node node) {
        DictType type = (DictType) node.output().type();
        ScriptDict mirror = new ScriptDict(type.key(), type.value());
        for (int i = 0; i < node.inputs().size(); i += 2) {
            if (!(facts.of(node.input(i)) instanceof Fact.Known(Object key, Type _))) {
                keep(node, true);
                return;
            }
            mirror.put(key, registered(facts.of(node.input(i + 1))).mirror());
        }
        facts.bind(node.output(), new Fact.Dicted(type, mirror));
    }

    private void tupleConstruct(Node node) {
        TupleType type = (TupleType) node.output().type();
        List<Fact> elements = facts.of(node.inputs()).stream().map(this::registered).toList();
        facts.bind(node.output(), new Fact.Tupled(type, ScriptTuple.of(type, elements.stream().map(Fact::mirror).toArray()), elements));
    }

    private void unpack(Node node) {
        List<Fact> elements = switch (facts.of(node.input(0))) {
            case Fact.Tupled t -> t.elements();
            case Fact.Listed l -> l.mirror().stream().map(item -> facts.wrap(item, l.type().element())).toList();
            default -> null;
        };
        if (elements == null || elements.size() != node.outputs().size()) {
            keep(node, false);
            return;
        }
        for (int i = 0; i < elements.size(); i++) facts.bind(node.outputs().get(i), elements.get(i));
    }

    private void tupleIndex(Node node) {
        if (facts.of(node.input(0)) instanceof Fact.Tupled t && facts.of(node.input(1)) instanceof Fact.Known(Object k, Type _) && k instanceof Long i) {
            long at = i < 0 ? i + t.elements().size() : i;
            if (at >= 0 && at < t.elements().size()) {
                facts.bind(node.output(), t.elements().get((int) at));
                return;
            }
        }
        keep(node, false);
    }

    // ---- attributes

    private void getAttribute(Node node) {
        String name = node.text("name");
        Fact object = facts.of(node.input(0));
        if (object instanceof Fact.Tupled t && t.type().fields() != null) {
            facts.bind(node.output(), t.elements().get(t.type().fields().indexOf(name)));
        } else if (object instanceof Fact.Module m) {
            attributeOfModule(node, m, name);
        } else {
            keep(node, false);
        }
    }

    private void attributeOfModule(Node node, Fact.Module m, String name) {
        int slot = m.mirror().type().slot(name);
        List<Integer> path = new ArrayList<>(m.path());
        path.add(slot);
        Fact now = stored.get(path);
        if (now != null) {
            facts.bind(node.output(), now);
            return;
        }
        Object value = m.mirror().get(slot);
        boolean isFrozen = !setAttributes.contains(name) && (value instanceof ScriptObject || !written.mayChange(path));
        Fact f = isFrozen ? frozen(node, path, value) : null;
        if (f != null) facts.bind(node.output(), f);
        else state(node, path, value);
    }

    /** The fact of an attribute that is taken for constant; null if values like this may change unseen. */
    private Fact frozen(Node node, List<Integer> path, Object value) {
        Fact f = switch (value) {
            case ScriptObject o -> o.type() == node.output().type() ? new Fact.Module(o, List.copyOf(path)) : null;
            case Tensor _, ScriptList _ -> frozenTensors(node, path, value);
            case ScriptDict _ -> null;
            case dev.cresset.ir.type.EnumMember _ -> new Fact.Known(value, node.output().type());
            case ScriptTuple t when t.stream().anyMatch(e -> e instanceof Tensor || e instanceof ScriptList) -> null;
            case null, default -> facts.wrap(value, node.output().type());
        };
        boolean noted = value instanceof Tensor || value instanceof ScriptList || f == null || f instanceof Fact.Module;
        if (!noted) frozen.read(root, List.copyOf(path), value);
        return f;
    }

    /**
     * Tensors of an instance are taken for constant if they are as they were loaded. It is the loaded ones that the graph then
     * holds: what an instance writes later must not be seen by others.
     */
    private Fact frozenTensors(Node node, List<Integer> path, Object value) {
        Object loaded = Frozen.attribute(prototype, path);
        if (!Frozen.same(loaded, value)) return null;
        Fact f = switch (loaded) {
            case Tensor t when t.storage().isConstant() -> facts.constant(t, node.output().hint());
            case ScriptList l -> frozenList(l, path, node.output().type());
            case null, default -> null;
        };
        if (f == null) return null;
        frozen.read(root, List.copyOf(path), loaded);
        written.freeze(List.copyOf(path), loaded);
        return f;
    }

    /** A list of constants that nobody changes; made anew where it is needed. */
    private Fact frozenList(ScriptList l, List<Integer> path, Type type) {
        boolean simple = l.stream().allMatch(e -> e instanceof Tensor t ? t.storage().isConstant() : facts.wrap(e, l.elementType()) instanceof Fact.Known);
        if (!simple || !(type instanceof ListType list)) return null;
        for (Object e : l) if (e instanceof Tensor t) facts.constant(t, "");
        Fact.Listed listed = new Fact.Listed(list, new ScriptList(l.elementType(), l));
        listed.frozen = List.copyOf(path);
        return listed;
    }

    /** An attribute that changes: read at run time; a tensor is guarded where the graph begins, if it still is what it was then. */
    private void state(Node node, List<Integer> path, Object value) {
        keep(node, false);
        boolean guardable = value instanceof Tensor && node.output().type() instanceof TensorType && attributesIntact;
        if (!guardable) return;
        Pattern.OfTensor pattern = guards.state(root, List.copyOf(path), (Tensor) value);
        if (pattern == null) return;
        Value plain = ((Fact.Unknown) facts.of(node.output())).value();
        Tensor mirror = MetaExecution.tensor(pattern.type());
        Value typed = new Value(Facts.typeOf(mirror), node.output().hint());
        facts.emission.add(Node.prim(Kinds.UNCHECKED_CAST, List.of(plain), List.of(typed), node.location()));
        facts.bind(node.output(), facts.shaped(mirror, typed));
        stored.put(List.copyOf(path), facts.of(node.output()));
    }

    private void setAttribute(Node node) {
        Fact object = facts.of(node.input(0));
        Fact value = facts.of(node.input(1));
        facts.expose(value);
        keep(node, true);
        attributesIntact = false;
        if (object instanceof Fact.Module m) {
            List<Integer> path = new ArrayList<>(m.path());
            path.add(m.mirror().type().slot(node.text("name")));
            stored.put(List.copyOf(path), facts.of(node.input(1)));
        } else {
            forgetAttributes();
        }
    }

    private void forgetAttributes() {
        stored.clear();
        attributesIntact = false;
    }

    // ---- types

    private void cast(Node node) {
        Fact f = facts.of(node.input(0));
        if (f instanceof Fact.Unknown && node.is(Kinds.UNCHECKED_CAST)) keep(node, false);
        else facts.bind(node.output(), f);
    }

    private void isInstance(Node node) {
        Fact f = facts.of(node.input(0));
        List<?> types = (List<?>) node.attribute("types");
        if (f instanceof Fact.Unknown || f instanceof Fact.Tupled || f instanceof Fact.Container) keep(node, false);
        else facts.bind(node.output(), new Fact.Known(types.stream().anyMatch(t -> RuntimeTypes.isInstance(f.mirror(), (Type) t)), SimpleType.BOOL));
    }

    // ---- for branches

    /** True if every list that a branch or loop uses is to be made before it. */
    boolean makesListsEarly() { return makesListsEarly; }

    /** Notes what nodes write that are kept as they are. */
    void noteWrites(List<Node> nodes) {
        for (Node n : nodes) {
            written.note(n);
            if (Effects.isOpaque(n)) written.anything();
            n.blocks().forEach(b -> noteWrites(b.nodes()));
        }
    }

    OperatorInfo operator(String qualifiedName) { return operators.find(qualifiedName).orElseThrow(); }

    /** What is known of attributes at this point. */
    record Attributes(Map<List<Integer>, Fact> stored, boolean intact) {}

    Attributes attributes() { return new Attributes(new HashMap<>(stored), attributesIntact); }

    /** Goes back to what was known before a block, of whose values nothing is visible any more. */
    void restore(Attributes before, boolean mayHaveChanged) {
        stored = new HashMap<>(mayHaveChanged ? Map.of() : before.stored);
        attributesIntact = before.intact && !mayHaveChanged;
    }
}
