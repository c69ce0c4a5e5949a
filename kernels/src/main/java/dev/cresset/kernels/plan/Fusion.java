package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cpu.jit.LoopCompiler;
import dev.cresset.kernels.cuda.code.CudaKernels;
import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.kernels.fuse.GroupLowering;
import dev.cresset.kernels.fuse.Layouts;
import dev.cresset.kernels.fuse.LoweredGroup;
import dev.cresset.kernels.fuse.RowsAtOnce;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Shapes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Makes steps of fusion groups: one generated kernel each. Results lie as the largest input of their shape does, so that
 * channels-last tensors stay so.
 */
final class Fusion {
    /** Generated code belongs to the process: equal loops of all plans share it. */
    static final LoopCompiler COMPILER = new LoopCompiler();

    private final Lowering lowering;
    private final Node group;
    private final Graph graph;
    private final List<Place> inputs = new ArrayList<>();

    Fusion(Lowering lowering, Node group) {
        this.lowering = lowering;
        this.group = group;
        this.graph = group.subgraph().orElseThrow();
    }

    /** Adds the step, or those of the group's nodes one by one if no kernel can be made. */
    void lower() {
        for (Value v : group.inputs()) inputs.add(lowering.place(lowering.operand(v)));
        if (!generated(true) && !generated(false)) lowering.oneByOne(group, inputs);
    }

    private boolean generated(boolean likeInputs) {
        List<Meta> metas = graph.outputs().stream().map(v -> result(Lowering.meta(v.type()), likeInputs)).toList();
        try {
            LoweredGroup lowered = GroupLowering.lower(group, layouts(graph, inputs, metas));
            return workshop().isOnDevice() ? add(RowsAtOnce.of(lowered), metas) : add(COMPILER.compile(lowered.nest()), lowered, metas);
        } catch (IllegalArgumentException | UnsupportedException e) {
            return false;
        }
    }

    /** Where what a group reads and gives lies. @param results of its outputs */
    static Layouts layouts(Graph graph, List<Place> inputs, List<Meta> results) {
        Map<Value, Layouts.Placement> placements = new IdentityHashMap<>();
        for (int i = 0; i < inputs.size(); i++) placements.put(graph.inputs().get(i), new Layouts.Placement(0, inputs.get(i).strides()));
        for (int i = 0; i < results.size(); i++) placements.put(graph.outputs().get(i), new Layouts.Placement(0, results.get(i).strides()));
        return placements::get;
    }

    private boolean add(FusedKernel kernel, LoweredGroup lowered, List<Meta> metas) {
        List<Place> results = define(metas);
        lowering.add(new FusedStep(what(graph), kernel, lowered, List.copyOf(inputs), results, workshop().threads()));
        return true;
    }

    /** On a device. Division of integers is left to the operators, which look for zeros. */
    private boolean add(LoweredGroup lowered, List<Meta> metas) {
        if (DeviceFusedStep.dividesIntegers(lowered.nest())) return false;
        CudaKernels.nest(lowered.nest(), false);    // refuses what it cannot print, before results are defined
        lowering.add(DeviceFusedStep.of(what(graph), lowered, List.copyOf(inputs), define(metas), lowering));
        return true;
    }

    private List<Place> define(List<Meta> metas) {
        List<Place> results = metas.stream().map(lowering.memory()::internal).toList();
        for (int i = 0; i < results.size(); i++) lowering.define(group.outputs().get(i), results.get(i));
        return results;
    }

    /** The operators of a group, for people. */
    static String what(Graph graph) {
        return graph.nodes().stream().filter(n -> n.operator() != null).map(n -> n.kind().substring(n.kind().indexOf(':') + 2))
            .collect(Collectors.joining(" "));
    }

    private Workshop workshop() { return lowering.workshop(); }

    private Meta result(Meta stated, boolean likeInputs) {
        Place best = null;
        for (Place p : inputs) {
            boolean like = p.rank() == stated.sizes().length && sameButChannels(p, stated) && isApart(p);
            if (like && (best == null || p.elements() > best.elements())) best = p;
        }
        if (!likeInputs || best == null) return stated;
        return new Meta(stated.dtype(), stated.sizes(), Shapes.denseStrides(stated.sizes(), best.strides()));
    }

    /** True if no element is read twice. */
    private static boolean isApart(Place p) {
        for (int d = 0; d < p.rank(); d++) if (p.sizes()[d] > 1 && p.strides()[d] == 0) return false;
        return true;
    }

    /** Equal sizes, or all but the channels, which a concatenation adds up. */
    private static boolean sameButChannels(Place p, Meta stated) {
        long[] a = p.sizes().clone(), b = stated.sizes().clone();
        if (a.length >= 3) a[1] = b[1];
        return Arrays.equals(a, b) && p.elements() > 1;
    }
}
