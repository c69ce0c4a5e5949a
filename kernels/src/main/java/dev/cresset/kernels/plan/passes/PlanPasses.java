package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.passes.EliminateDeadCode;
import dev.cresset.ir.rewrite.NamedPass;
import dev.cresset.ir.rewrite.Pipeline;
import dev.cresset.kernels.fuse.FuseGroups;
import dev.cresset.kernels.plan.Workshop;
import dev.cresset.kernels.simplify.SimplifyTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What is done to a subgraph before it becomes steps. */
public final class PlanPasses {
    private PlanPasses() {}

    /** For graphs of plans for any sizes, whose types are those of one run: nothing in it relies on sizes being these. */
    public static Pipeline forAnySizes(Workshop workshop) {
        List<NamedPass> passes = new ArrayList<>(List.of(
            new NamedPass("fold-constants", FoldConstants.forAnySizes(workshop)),
            new NamedPass("join-products", JoinProducts.forAnySizes(workshop))));
        if (!workshop.isOnDevice()) passes.add(new NamedPass("form-library-groups", FormLibraryGroups.forAnySizes()));
        passes.add(new NamedPass("fuse-groups", new FuseGroups()));
        return new Pipeline("plan-for-any-sizes", passes);
    }

    /** In the order in which they run. @param notes is told why operators are not in one fusion group */
    public static Pipeline pipeline(Workshop workshop, Consumer<List<FuseGroups.Note>> notes) {
        List<NamedPass> passes = new ArrayList<>(List.of(
            new NamedPass("fold-constants", new FoldConstants(workshop)),
            new NamedPass("simplify-tensors", SimplifyTensors.laws(workshop.catalog())),
            new NamedPass("fold-affine", new FoldAffine(workshop)),
            new NamedPass("join-products", new JoinProducts(workshop)),
            new NamedPass("split-batch-norm", new SplitBatchNorm(workshop))));
        if (workshop.isOnDevice()) {
            passes.add(new NamedPass("form-attention", new FormAttention(workshop.catalog())));
            passes.add(new NamedPass("write-as-linear", new WriteAsLinear()));
            passes.add(new NamedPass("lay-out-weights", new FoldConstants(workshop)));
            passes.add(new NamedPass("form-product-groups", new FormProductGroups(workshop.products())));
        }
        passes.addAll(List.of(
            new NamedPass("form-library-groups", workshop.isOnDevice() ? FormLibraryGroups.forDevice() : new FormLibraryGroups()),
            new NamedPass("split-group-norm", SimplifyTensors.forFusion(workshop.catalog())),
            new NamedPass("fuse-groups", workshop.isOnDevice() ? FuseGroups.withProducts(notes) : new FuseGroups(notes)),
            new NamedPass("eliminate-dead-code", new EliminateDeadCode())));
        if (workshop.isOnDevice()) passes.add(new NamedPass("form-loops", new FormLoops()));
        return new Pipeline("plan", passes);
    }
}
