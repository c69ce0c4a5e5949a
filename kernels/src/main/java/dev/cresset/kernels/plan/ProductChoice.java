package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.rewrite.NamedPass;
import dev.cresset.ir.rewrite.Pipeline;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cuda.code.Sums;
import dev.cresset.kernels.cuda.code.TileKernel;
import dev.cresset.kernels.fuse.FuseGroups;
import dev.cresset.kernels.plan.passes.FormLibraryGroups;
import dev.cresset.kernels.plan.passes.FormProductGroups;
import dev.cresset.kernels.plan.passes.FormProductGroups.Way;
import dev.cresset.tensor.Shapes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

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

    @Override public Way way(Graph alone) {
        Graph library = new Pipeline("library", List.of(new NamedPass("form-library-groups", FormLibraryGroups.forDevice()),
            new NamedPass("fuse-groups", FuseGroups.withProducts(_ -> { })))).run(alone, workshop.catalog());
        if (!workshop.choices().measures()) {
            boolean leavesWork = library.nodes().stream().filter(n -> n.operator() != null || n.subgraph().isPresent()).count() > 1;
            return leavesWork ? waysBySums(alone).getFirst().getLast() : null;
        }
        List<Way> generated = waysBySums(alone).stream().flatMap(List::stream).toList();
        Map<String, Graph> ways = new LinkedHashMap<>(Map.of(LIBRARY, library));
        for (Way w : generated) ways.put(w.toString(), FormProductGroups.grouped(alone, w));
        Target.Cuda target = (Target.Cuda) workshop.target();
        String best = workshop.choices().fastest(DeviceRunning.measured("product", alone, target), List.copyOf(ways.keySet()),
            way -> DeviceRunning.milliseconds(ways.get(way), workshop, Form.PLAIN));
        return generated.stream().filter(w -> w.toString().equals(best)).findFirst().orElse(null);
    }

    /** All ways to do it by a kernel: for each kind of sums whole and in as many parts as may be useful. */
    private List<List<Way>> waysBySums(Graph alone) {
        Node product = alone.nodes().stream().filter(n -> n.operator() != null).findFirst().orElseThrow();
        TensorType out = (TensorType) product.output().type(), w = (TensorType) product.input(1).type();
        long columns = w.sizes().get(0), depth = w.sizes().get(1), rows = Shapes.numel(Lowering.meta(out).sizes()) / columns;
        Target.Cuda target = (Target.Cuda) workshop.target();
        int capability = target.device().capability();
        return Sums.allowed(out.dtype(), capability, target.precision()).stream().map(sums -> {
            long most = mostParts(TileKernel.Form.of(out.dtype(), rows, sums, capability), rows, columns, depth);
            return LongStream.of(1, most).distinct().mapToObj(parts -> new Way(sums, parts)).toList();
        }).toList();
    }

    /** So many that there is a block for each multiprocessor, if the sums are long enough. */
    private long mostParts(TileKernel.Form form, long rows, long columns, long depth) {
        long free = ((Target.Cuda) workshop.target()).device().multiprocessors() / form.tiles(rows, columns);
        return Math.clamp(Math.min(free, depth / (LEAST_SLICES * form.slice())), 1, MOST_PARTS);
    }
}
