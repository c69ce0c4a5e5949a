package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Decides which values that are not known before a run are guarded, so that what follows can be specialised. */
public final class GuardPlan {
    private final int budget;
    private final Set<Node> failing;
    private final Set<List<Integer>> failingStates;
    private final Map<Frozen.Place, Pattern> states = new LinkedHashMap<>();
    private int used;

    /**
     * @param budget        how many guards may stand within the graph; each makes a copy of what follows it
     * @param failing       guards that have failed before
     * @param failingStates places of attributes whose types differ from call to call
     */
    public GuardPlan(int budget, Set<Node> failing, Set<List<Integer>> failingStates) {
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

    /** What to expect of an attribute that changes; null for anything. */
    Pattern.OfTensor state(ScriptObject root, List<Integer> path, Tensor now) {
        if (failingStates.contains(path)) return null;
        Pattern.OfTensor pattern = Pattern.OfTensor.of(now);
        states.put(new Frozen.Place(path, Frozen.name(root, path)), pattern);
        return pattern;
    }

    Map<Frozen.Place, Pattern> states() { return new LinkedHashMap<>(states); }
}
