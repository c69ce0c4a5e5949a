package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Effects;
import dev.cresset.ir.schema.OperatorInfo;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.interpreter.RuntimeTypes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Evaluates a graph as far as that can be done before it runs, for arguments of known types: tensors get complete types,
 * sizes become numbers, decided branches and loops disappear, lists, tuples and dicts that only pass things on too,
 * attributes that nobody changes become constants. What is left is the specialised graph, right for all arguments that
 * match the patterns and all instances with the same frozen attributes.
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
    private final Written written;
    private final Set<String> setAttributes;
    private final Set<Node> notFunctional = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean makesListsEarly;
    private Facts facts;
    private OperatorEvaluation calls;
    private Branches branches;
    private AttributeFacts attributes;
    private ContainerEvaluation containers;

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
        this.setAttributes = AttributeFacts.setBy(graph);
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

    private Specialized run() {
        while (true) {
            try {
                return attempt();
            } catch (Restart.Replaced e) {
                notFunctional.add(e.writer);
            } catch (Restart.EscapedWithin _) {
                if (makesListsEarly) throw new Unspecialisable("a list is made in an inner block and used outside of it");
                makesListsEarly = true;
            } catch (Restart.Unfrozen e) {
                written.unfreeze(e.path);
            }
        }
    }

    private Specialized attempt() {
        guards.restart();
        List<Value> inputs = graph.inputs().stream().map(v -> new Value(v.type(), v.hint())).toList();
        facts = new Facts(inputs.isEmpty() ? null : inputs.getFirst(), root);
        written.restart();
        attributes = new AttributeFacts(facts, root, prototype, setAttributes, written, guards);
        containers = new ContainerEvaluation(facts);
        calls = new OperatorEvaluation(facts, meta, operators, notFunctional, written);
        branches = new Branches(this, facts);
        ArgumentFacts arguments = new ArgumentFacts(facts, root);
        List<Value> typed = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) typed.add(arguments.bind(graph.inputs().get(i), inputs.get(i), patterns.get(i)));
        List<Value> returns = new ArrayList<>();
        List<Fact> results = block(graph.body());
        for (int i = 0; i < graph.outputs().size(); i++) {
            if (results == null) throw new Unspecialisable("it always raises an error");
            returns.add(facts.escape(results.get(i), graph.outputs().get(i).type()));
        }
        Graph out = new Graph(new Block(typed, facts.emission.finish(), returns));
        return new Specialized(out, patterns, guards.states(), attributes.frozen(), facts.tensors(), branches.checks());
    }

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
            case Kinds.LIST_CONSTRUCT -> containers.list(node);
            case Kinds.DICT_CONSTRUCT -> containers.dict(node);
            case Kinds.TUPLE_CONSTRUCT -> containers.tuple(node);
            case Kinds.LIST_UNPACK, Kinds.TUPLE_UNPACK -> containers.unpack(node);
            case Kinds.TUPLE_INDEX -> containers.tupleIndex(node);
            case Kinds.TUPLE_SLICE -> facts.keep(node, false);
            case Kinds.GET_ATTR -> attributes.get(node);
            case Kinds.SET_ATTR -> attributes.set(node);
            case Kinds.UNCHECKED_CAST, Kinds.GUARD, Kinds.PROFILE -> cast(node);
            case Kinds.IS_INSTANCE -> isInstance(node);
            case Kinds.RAISE -> {
                facts.keep(node, true);
                return false;
            }
            case Kinds.PRINT, Kinds.TO_LIST, Kinds.UNINITIALIZED, Kinds.ENUM_NAME, Kinds.ENUM_VALUE -> facts.keep(node, false);
            default -> {
                written.anything();
                facts.keep(node, true);
                attributes.forget();
            }
        }
        return true;
    }

    private void constant(Node node) {
        Object value = node.attribute("value");
        boolean isFunction = node.attributes().containsKey("function") || node.attributes().containsKey("name");
        Fact f = isFunction ? null : value instanceof Tensor t ? constantTensor(node, t)
            : value instanceof ScriptList || value instanceof ScriptDict ? null
            : value instanceof EnumMember ? new Fact.Known(value, node.output().type()) : facts.wrap(value, node.output().type());
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

    // ---- types

    private void cast(Node node) {
        Fact f = facts.of(node.input(0));
        if (f instanceof Fact.Unknown && node.is(Kinds.UNCHECKED_CAST)) facts.keep(node, false);
        else facts.bind(node.output(), f);
    }

    private void isInstance(Node node) {
        Fact f = facts.of(node.input(0));
        List<?> types = (List<?>) node.attribute("types");
        if (f instanceof Fact.Unknown || f instanceof Fact.Tupled || f instanceof Fact.Container) facts.keep(node, false);
        else facts.bind(node.output(), new Fact.Known(types.stream().anyMatch(t -> RuntimeTypes.isInstance(f.mirror(), (Type) t)), SimpleType.BOOL));
    }

    // ---- for branches and loops

    AttributeFacts attributes() { return attributes; }

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
}
