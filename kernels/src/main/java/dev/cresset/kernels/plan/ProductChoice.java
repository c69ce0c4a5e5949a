package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.rewrite.NamedPass;
import dev.cresset.ir.rewrite.Pipeline;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cuda.code.TileKernel;
import dev.cresset.kernels.fuse.FuseGroups;
import dev.cresset.kernels.plan.passes.FormLibraryGroups;
import dev.cresset.kernels.plan.passes.FormProductGroups;
import dev.cresset.tensor.Shapes;
import java.util.ArrayList;
import java.util.List;

/**
 * Says whether a product of few rows and what follows it are generated kernels: where that is the fastest, compared with the library's
 * call and the kernels that it leaves work for. Where nothing is measured, they are if the library would leave work for another kernel.
 */
final class ProductChoice implements FormProductGroups.Choice {
    private static final String LIBRARY = "library";
    /** The least slices of a part of the sums, and the most parts: each is written and read once. */
    private static final int LEAST_SLICES = 4, MOST_PARTS = 8;

    private final Workshop workshop;

    ProductChoice(Workshop workshop) { this.workshop = workshop; }

    @Override public boolean suits(Node group) { return ProductGroup.suits(group); }

    @Override public long parts(Graph alone) {
        Graph library = new Pipeline("library", List.of(new NamedPass("form-library-groups", FormLibraryGroups.forDevice()),
            new NamedPass("fuse-groups", FuseGroups.withProducts(_ -> { })))).run(alone, workshop.catalog());
        long cut = mostParts(alone);
        if (!workshop.choices().measures()) return library.nodes().stream().filter(n -> n.operator() != null || n.subgraph().isPresent()).count() > 1 ? cut : 0;
        List<String> ways = new ArrayList<>(List.of(LIBRARY, "1"));
        if (cut > 1) ways.add(String.valueOf(cut));
        Target.Cuda target = (Target.Cuda) workshop.target();
        String best = workshop.choices().fastest("product at precision " + target.precision() + " of " + GraphPrinter.print(GraphForPeople.of(alone)), ways,
            way -> DeviceRunning.milliseconds(way.equals(LIBRARY) ? library : FormProductGroups.grouped(alone, Long.parseLong(way)), workshop, Form.PLAIN));
        return best.equals(LIBRARY) ? 0 : Long.parseLong(best);
    }

    /** So many that there is a block for each multiprocessor, if the sums are long enough. */
    private long mostParts(Graph alone) {
        Node product = alone.nodes().stream().filter(n -> n.operator() != null).findFirst().orElseThrow();
        TensorType out = (TensorType) product.output().type(), w = (TensorType) product.input(1).type();
        long columns = w.sizes().get(0), depth = w.sizes().get(1), rows = Shapes.numel(Lowering.meta(out).sizes()) / columns;
        TileKernel.Form form = ProductGroup.form(out.dtype(), rows, workshop);
        long free = ((Target.Cuda) workshop.target()).device().multiprocessors() / form.tiles(rows, columns);
        return Math.clamp(Math.min(free, depth / (LEAST_SLICES * form.slice())), 1, MOST_PARTS);
    }
}
