package dev.cresset.ir.rewrite;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.Argument;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What running a node does besides computing its outputs. Blocks inside count; what is not known does everything. */
public final class Effects {
    /** Structural kinds that only compute their outputs. */
    private static final Set<String> PURE = Set.of(Kinds.CONSTANT, Kinds.IF, Kinds.LOOP, Kinds.LIST_CONSTRUCT,
        Kinds.LIST_UNPACK, Kinds.DICT_CONSTRUCT, Kinds.TUPLE_CONSTRUCT, Kinds.TUPLE_UNPACK, Kinds.TUPLE_INDEX,
        Kinds.TUPLE_SLICE, Kinds.GET_ATTR, Kinds.CREATE_OBJECT, Kinds.IS_INSTANCE, Kinds.UNCHECKED_CAST,
        Kinds.UNINITIALIZED, Kinds.ENUM_NAME, Kinds.ENUM_VALUE,
        Kinds.TO_LIST, Kinds.CONTAINER_INDEX, Kinds.STATIC_SUBGRAPH);
    /** Structural kinds that have an effect (what is recorded, how often a guard failed), but leave their inputs alone. */
    private static final Set<String> HARMLESS = Set.of(Kinds.PRINT, Kinds.RAISE, Kinds.PROFILE, Kinds.GUARD, Kinds.TYPE_CHECK);
    /** Structural kinds that run code this graph does not show. */
    private static final Set<String> CALLS = Set.of(Kinds.CALL_FUNCTION, Kinds.CALL_METHOD, Kinds.FORK, Kinds.ENTER,
        Kinds.EXIT);

    private static final int RUNNING_MEAN = 3;
    private static final int TRAINING = 5;

    private Effects() {}

    /** True if the node does more than compute and write its written arguments: prints, raises, changes a mode. */
    public static boolean hasSideEffects(Node node) {
        return ownSideEffects(node) || inBlocks(node, Effects::hasSideEffects);
    }

    private static boolean ownSideEffects(Node node) {
        // an operator without results is called for something else, even if its declaration does not say so
        if (node.operator() != null) {
            return node.operator().hasSideEffects() || node.operator().schema().returns().isEmpty();
        }
        return !onlyComputes(node) && !node.is(Kinds.SET_ATTR);
    }

    /** True if it changes something that existed before: writes an argument in place, sets an attribute, or calls. */
    public static boolean writes(Node node) { return !ownWrites(node).isEmpty() || inBlocks(node, Effects::writes); }

    /** The inputs the node itself writes; all of them if it runs code that is not known. */
    public static List<Value> ownWrites(Node node) {
        if (node.is(Kinds.SET_ATTR)) return List.of(node.input(0));
        if (node.operator() == null) return onlyComputes(node) || isHarmless(node) ? List.of() : node.inputs();
        if (updatesStatistics(node)) return node.inputs().subList(RUNNING_MEAN, TRAINING);
        List<Value> written = new ArrayList<>();
        List<Argument> arguments = node.operator().schema().arguments();
        for (int i = 0; i < Math.min(arguments.size(), node.inputs().size()); i++) {
            if (arguments.get(i).isWritten()) written.add(node.input(i));
        }
        return written;
    }

    /** Norms that write their running statistics when told to train, which their schemas do not say. */
    private static boolean updatesStatistics(Node node) {
        return (node.is("aten::batch_norm") || node.is("aten::instance_norm")) && node.inputs().size() > TRAINING;
    }

    /** For a norm: the input that says whether it writes its running statistics. */
    static Optional<Value> trainingSwitch(Node node) {
        return updatesStatistics(node) ? Optional.of(node.input(TRAINING)) : Optional.empty();
    }

    private static boolean onlyComputes(Node node) { return PURE.contains(node.kind()) || Kinds.GROUPS.contains(node.kind()); }

    /** Has an effect, but leaves its inputs alone. */
    private static boolean isHarmless(Node node) { return HARMLESS.contains(node.kind()); }

    /** True if it runs code that this graph does not show, or if nothing is known of it. */
    public static boolean isOpaque(Node node) {
        return node.operator() == null && !onlyComputes(node) && !node.is(Kinds.SET_ATTR) && !isHarmless(node)
            || CALLS.contains(node.kind());
    }

    /** True if running it twice may give different results. */
    public static boolean isNondeterministic(Node node) {
        return isOpaque(node) || node.operator() != null && node.operator().isNondeterministic()
            || inBlocks(node, Effects::isNondeterministic);
    }

    /** True if all it does is compute its outputs: an unused one can go. It may still fail, or give random results. */
    public static boolean isPure(Node node) { return !hasSideEffects(node) && !writes(node); }

    private static boolean inBlocks(Node node, java.util.function.Predicate<Node> test) {
        return node.blocks().stream().anyMatch(b -> b.nodes().stream().anyMatch(test));
    }
}
