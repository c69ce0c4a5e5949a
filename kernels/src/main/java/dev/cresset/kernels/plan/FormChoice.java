package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.kernels.plan.DeviceConvolutions.Layout;
import java.util.List;
import java.util.Set;

/**
 * Chooses what a plan on a device is like, by what the whole plan was the fastest with: first one layout for all convolutions, the reordering
 * where layouts change included, then whether steps that do not depend on each other run at once. Where nothing is measured tensors
 * stay as they come, and such steps run at once.
 */
final class FormChoice {
    /** A property: false to have all steps run one after the other. */
    private static final String BRANCHES = "cresset.cuda.branches";
    private static final Set<String> PLANES = Set.of("aten::conv2d", "aten::conv3d");
    private static final List<String> LAYOUTS = List.of(Layout.ROW_MAJOR.name(), Layout.CHANNELS_LAST.name()), ORDERS = List.of("branches", "chain");

    private final Graph graph;
    private final Workshop workshop;
    private final Target.Cuda target;

    FormChoice(Graph graph, Workshop workshop, Target.Cuda target) {
        this.graph = graph;
        this.workshop = workshop;
        this.target = target;
    }

    Lowering.Lowered lowered() {
        Layout layout = layout();
        if (!Boolean.parseBoolean(System.getProperty(BRANCHES, "true"))) return lower(layout, false);
        Lowering.Lowered branching = lower(layout, true);
        boolean chosen = false;
        try {
            chosen = !branching.layout().branches() || branchesAreFaster(branching, layout);
        } finally {
            if (!chosen) branching.layout().holdings().close();
        }
        return chosen ? branching : lower(layout, false);
    }

    private Lowering.Lowered lower(Layout layout, boolean branches) { return Lowering.lower(graph, workshop, new Form(layout, branches)); }

    private String key(String what) { return DeviceRunning.measured(what, graph, target); }

    private Layout layout() {
        if (!workshop.choices().measures() || graph.nodes().stream().noneMatch(FormChoice::hasPlanes)) return Layout.AS_GIVEN;
        return Layout.valueOf(workshop.choices().fastest(key("layout"), LAYOUTS, name -> DeviceRunning.milliseconds(graph, workshop, new Form(Layout.valueOf(name), false))));
    }

    private static boolean hasPlanes(Node n) {
        return PLANES.contains(n.kind()) || n.is(Kinds.LIBRARY_GROUP) && n.subgraph().orElseThrow().nodes().stream().anyMatch(FormChoice::hasPlanes);
    }

    private boolean branchesAreFaster(Lowering.Lowered branching, Layout layout) {
        String fastest = workshop.choices().fastest(key("order with layout " + layout), ORDERS,
            order -> order.equals(ORDERS.getFirst()) ? DeviceRunning.milliseconds(branching, workshop)
                : DeviceRunning.milliseconds(graph, workshop, new Form(layout, false)));
        return fastest.equals(ORDERS.getFirst());
    }
}
