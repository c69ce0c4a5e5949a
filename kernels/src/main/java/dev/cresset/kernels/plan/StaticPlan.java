package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.kernels.cuda.MeasuredChoices;
import dev.cresset.kernels.fuse.FuseGroups;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.plan.passes.PlanPasses;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Straight-line code over tensors of known shapes (the subgraph of a {@code prim::StaticSubgraph}) made ready to run: steps
 * with fixed operands over one planned block of memory. Immutable; safe from any number of threads, each run on a {@link
 * Frame} of its own.
 */
public final class StaticPlan implements PreparedSubgraph, AutoCloseable {
    private final Lowering.Lowered lowered;
    private final Running running;
    private final Graph graph;
    private final PlanSummary summary;

    private StaticPlan(Graph graph, Lowering.Lowered lowered, Running running, List<FuseGroups.Note> notes) {
        this.graph = GraphForPeople.of(graph);
        this.lowered = lowered;
        this.running = running;
        summary = PlanSummary.of(graph, lowered.layout(), notes);
    }

    /**
     * Makes a plan. Takes a while: weights are packed, kernels generated and measured.
     *
     * @param graph  its inputs and all tensors in it have complete types, and are where it will run; its results are fresh tensors
     * @throws dev.cresset.ir.diag.CressetException if types are missing or wrong
     */
    public static StaticPlan compile(Graph graph, Catalog catalog, Target target) { return compile(graph, catalog, target, new Workshop(catalog, target)); }

    /** As the other. @param choices what is measured on the device */
    static StaticPlan compile(Graph graph, Catalog catalog, Target.Cuda target, MeasuredChoices choices) {
        return compile(graph, catalog, target, new Workshop(catalog, target, choices));
    }

    private static StaticPlan compile(Graph graph, Catalog catalog, Target target, Workshop closed) {
        try (Workshop workshop = closed) {
            List<FuseGroups.Note> notes = new ArrayList<>();
            Graph optimized = PlanPasses.pipeline(workshop, notes::addAll).run(graph, catalog);
            Lowering.Lowered lowered = target instanceof Target.Cuda c ? new FormChoice(optimized, workshop, c).lowered()
                : Lowering.lower(optimized, workshop, Form.PLAIN);
            lowered.layout().holdings().own(workshop.takeMade(0));
            Running running = target instanceof Target.Cuda c ? new DeviceRunning(c, catalog, lowered) : new HostRunning(lowered);
            return new StaticPlan(optimized, lowered, running, notes);
        }
    }

    /**
     * Runs it.
     *
     * @param given of the types that the graph's inputs have
     * @return the results, in memory of the context's scope
     */
    public Tensor[] run(CallContext context, Tensor[] given) { return run(context, given, null); }

    @Override public Tensor[] run(CallContext context, Tensor[] given, StepObserver observer) { return running.run(context, given, observer); }

    /** For measurements step by step. */
    Frame.Layout layout() { return lowered.layout(); }

    List<Place> inputs() { return lowered.inputs(); }

    List<Place> results() { return lowered.results(); }

    /** Makes it fast: has its generated kernels compiled, by runs on memory of their own. For a thread in the background. */
    public void warm() { running.warm(); }

    /** True if all of it is as fast as it will get; generated kernels that are not are very slow. */
    public boolean isWarm() { return running.isWarm(); }

    /** Bytes held outside the heap: prepared primitives, packed and folded weights, the blocks of its frames. */
    public long nativeBytes() { return running.bytes() + lowered.layout().holdings().nativeBytes(); }

    /** The subgraph as its passes left it, with fusion groups; constant tensors have their types, no memory. */
    public Graph graph() { return graph; }

    /** What it consists of, in numbers. */
    public PlanSummary summary() { return summary; }

    /** The steps, one a line, for people. Memory of the block is written as @offset in bytes. */
    public String text() {
        StringBuilder s = new StringBuilder("block of " + layout().blockBytes() + " bytes\n");
        if (!running.text().isEmpty()) s.append(running.text()).append('\n');
        for (Step step : layout().steps()) s.append(step.text()).append('\n');
        return s.toString();
    }

    /** The kernels it generated, with their code, for people. */
    public String kernelText() {
        StringBuilder s = new StringBuilder();
        for (Step step : layout().steps()) if (!step.kernelText().isEmpty()) s.append(step.text()).append('\n').append(step.kernelText()).append('\n');
        return s.toString();
    }

    /**
     * What each step does on a device, and how long it takes there by itself, on inputs of zeros; empty on the host. Steps by
     * themselves take longer than within recorded work, by what launches cost.
     */
    public List<StepReport> reports() { return running.reports(); }

    /** Frees what it holds outside the heap. No run may be going on. */
    @Override public void close() {
        running.close();
        layout().holdings().close();
    }
}
