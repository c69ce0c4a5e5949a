package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Decides which values that are not known before a run are guarded, so that what follows can be specialised. */
public final class GuardPlan {
    private final int budget;
    private final Set<Node> failing;
    private final Set<List<Integer>> failingStates;
    private final Map<Value, Boolean> oneSided;
    private final Map<Frozen.Place, Pattern> states = new LinkedHashMap<>();
    private int used;

    /**
     * @param budget        how many guards may stand within the graph; each makes a copy of what follows it
     * @param failing       guards that have failed before
     * @param failingStates places of attributes whose types differ from call to call
     * @param oneSided      conditions of ifs that always were the same, and what they were
     */
    public GuardPlan(int budget, Set<Node> failing, Set<List<Integer>> failingStates, Map<Value, Boolean> oneSided) {
        this.oneSided = oneSided;
        this.budget = budget;
        this.failing = failing;
        this.failingStates = failingStates;
    }

    void restart() {
        used = 0;
        states.clear();
    }

    /** Whether to guard an unknown tensor here. */
    boolean wants(Node guard, Fact fact) {
        boolean possible = fact instanceof Fact.Unknown && guard.output().type() instanceof TensorType t && t.isComplete();
        if (!possible || used >= budget || failing.contains(guard)) return false;
        used++;
        return true;
    }

    /** What the condition of an if always was, if it may be guarded. */
    Optional<Boolean> always(Node node, Fact condition) {
        boolean possible = condition instanceof Fact.Unknown && used < budget && !failing.contains(node);
        return possible ? Optional.ofNullable(oneSided.get(node.input(0))) : Optional.empty();
    }

    /** Counts a guard that has been put in. */
    void use() { used++; }

    /** What to expect of an attribute that changes; null for anything. */
    Pattern.OfTensor state(ScriptObject root, List<Integer> path, Tensor now) {
        if (failingStates.contains(path)) return null;
        Pattern.OfTensor pattern = Pattern.OfTensor.of(now);
        states.put(new Frozen.Place(path, Frozen.name(root, path)), pattern);
        return pattern;
    }

    Map<Frozen.Place, Pattern> states() { return new LinkedHashMap<>(states); }
}
