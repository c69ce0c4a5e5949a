package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.kernels.fuse.FuseGroups;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.plan.Buffer.Kind;
import dev.cresset.kernels.plan.passes.PlanPasses;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/**
 * Straight-line code over tensors of known shapes (the subgraph of a {@code prim::StaticSubgraph}) made ready to run: steps
 * with fixed operands over one planned block of memory. Immutable; safe from any number of threads, each run on a {@link
 * Frame} of its own.
 */
public final class StaticPlan implements PreparedSubgraph, AutoCloseable {
    private final List<Place> inputs;
    private final List<Place> results;
    private final Frame.Layout layout;
    private final Frames frames;
    private final Graph graph;
    private final PlanSummary summary;

    private StaticPlan(Graph graph, Lowering.Lowered lowered, List<FuseGroups.Note> notes) {
        this.graph = GraphForPeople.of(graph);
        inputs = lowered.inputs();
        results = lowered.results();
        layout = lowered.layout();
        frames = new Frames(layout);
        summary = PlanSummary.of(graph, layout, notes);
    }

    /**
     * Makes a plan. Takes a while: weights are packed, kernels generated and measured.
     *
     * @param graph   its inputs and all tensors in it have complete types; its results are fresh tensors
     * @param threads how many threads its kernels use, whatever the context of a run says
     * @throws dev.cresset.ir.diag.CressetException if types are missing or wrong
     */
    public static StaticPlan compile(Graph graph, Catalog catalog, int threads) {
        try (Workshop workshop = new Workshop(catalog, threads)) {
            List<FuseGroups.Note> notes = new ArrayList<>();
            Graph optimized = PlanPasses.pipeline(workshop, notes::addAll).run(graph, catalog);
            return new StaticPlan(optimized, Lowering.lower(optimized, workshop), notes);
        }
    }

    /**
     * Runs it.
     *
     * @param given of the types that the graph's inputs have
     * @return the results, in memory of the context's scope
     */
    public Tensor[] run(CallContext context, Tensor[] given) { return run(context, given, null); }

    @Override public Tensor[] run(CallContext context, Tensor[] given, StepObserver observer) {
        Frame frame = frames.take();
        Scope scope = context.scope();
        Tensor[] out = new Tensor[results.size()];
        try {
            for (int i = 0; i < given.length; i++) frame.set(inputs.get(i).buffer(), given[i]);
            for (int i = 0; i < out.length; i++) if (results.get(i).buffer().kind() == Kind.RESULT) out[i] = allocate(context, frame, i);
            int mark = scope.mark();
            frame.run(context, observer);
            for (int i = 0; i < out.length; i++) if (out[i] == null) out[i] = returned(context, frame, i, out);
            scope.releaseUnheldSince(mark, out);
            return out;
        } finally {
            Reference.reachabilityFence(given);
            frames.give(frame);
        }
    }

    /** For measurements step by step. */
    Frame.Layout layout() { return layout; }

    List<Place> inputs() { return inputs; }

    List<Place> results() { return results; }

    private Tensor allocate(CallContext context, Frame frame, int i) {
        Meta m = results.get(i).meta();
        Tensor t = context.empty(m);
        frame.set(results.get(i).buffer(), t);
        return t;
    }

    /** What an operator returned, if it fills its memory and nobody else has it; else a copy. */
    private Tensor returned(CallContext context, Frame frame, int i, Tensor[] others) {
        Tensor t = frame.tensor(results.get(i).buffer());
        boolean own = t.offset() == 0;
        for (Tensor o : others) own &= o == null || o.storage() != t.storage();
        if (own) return t;
        Tensor copy = context.empty(results.get(i).meta());
        dev.cresset.kernels.expr.Elementwise.copy(context, t, copy);
        return copy;
    }

    /** Makes it fast: runs its generated kernels on memory of their own until they are compiled. For a thread in the background. */
    public void warm() {
        for (Step s : layout.steps()) {
            s.warm();
            if (!s.isWarm()) return;    // it is of no use as a whole; what calls this may try again
        }
    }

    /** True if all of it is as fast as it will get; generated kernels that are not are very slow. */
    public boolean isWarm() { return layout.steps().stream().allMatch(Step::isWarm); }

    /** Bytes held outside the heap: prepared primitives, packed and folded weights, the blocks of its frames. */
    public long nativeBytes() { return frames.nativeBytes() + layout.holdings().nativeBytes(); }

    /** The subgraph as its passes left it, with fusion groups; constant tensors have their types, no memory. */
    public Graph graph() { return graph; }

    /** What it consists of, in numbers. */
    public PlanSummary summary() { return summary; }

    /** The steps, one a line, for people. Memory of the block is written as @offset in bytes. */
    public String text() {
        StringBuilder s = new StringBuilder("block of " + layout.blockBytes() + " bytes\n");
        for (Step step : layout.steps()) s.append(step.text()).append('\n');
        return s.toString();
    }

    /** The kernels it generated, with their code, for people. */
    public String kernelText() {
        StringBuilder s = new StringBuilder();
        for (Step step : layout.steps()) if (step instanceof FusedStep f) s.append(f.text()).append('\n').append(f.kernel().text()).append('\n');
        return s.toString();
    }

    /** Frees what it holds outside the heap. No run may be going on. */
    @Override public void close() {
        frames.close();
        layout.holdings().close();
    }
}
