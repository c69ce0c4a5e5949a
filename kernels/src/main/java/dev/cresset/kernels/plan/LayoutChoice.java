package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.kernels.plan.DeviceConvolutions.Layout;
import java.util.List;
import java.util.Set;

/**
 * Chooses one layout for all convolutions of a plan on a device: that with which the whole plan was the fastest, the reordering
 * where layouts change included. Where nothing is measured tensors stay as they come.
 */
final class LayoutChoice {
    private static final Set<String> PLANES = Set.of("aten::conv2d", "aten::conv3d");
    private static final List<String> LAYOUTS = List.of(Layout.ROW_MAJOR.name(), Layout.CHANNELS_LAST.name());

    private final Graph graph;
    private final Workshop workshop;
    private final Target.Cuda target;

    LayoutChoice(Graph graph, Workshop workshop, Target.Cuda target) {
        this.graph = graph;
        this.workshop = workshop;
        this.target = target;
    }

    Lowering.Lowered lowered() { return Lowering.lower(graph, workshop, layout()); }

    private Layout layout() {
        if (!workshop.choices().measures() || graph.nodes().stream().noneMatch(LayoutChoice::hasPlanes)) return Layout.AS_GIVEN;
        return Layout.valueOf(workshop.choices().fastest("layout at precision " + target.precision() + " of " + GraphPrinter.print(GraphForPeople.of(graph)), LAYOUTS,
            name -> milliseconds(Layout.valueOf(name))));
    }

    private static boolean hasPlanes(Node n) {
        return PLANES.contains(n.kind()) || n.is(Kinds.LIBRARY_GROUP) && n.subgraph().orElseThrow().nodes().stream().anyMatch(LayoutChoice::hasPlanes);
    }

    private double milliseconds(Layout layout) {
        Lowering.Lowered tried = Lowering.lower(graph, workshop, layout);
        DeviceRunning running = new DeviceRunning(target, workshop.catalog(), tried);
        try {
            return running.milliseconds(workshop.choices());
        } finally {
            running.close();
            tried.layout().holdings().close();
        }
    }
}
