package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.TileKernel;
import dev.cresset.kernels.fuse.GroupLowering;
import dev.cresset.kernels.fuse.Layouts;
import dev.cresset.kernels.fuse.LoweredGroup;
import dev.cresset.kernels.fuse.TiledProduct;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.plan.passes.FormProductGroups;
import dev.cresset.tensor.Shapes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes steps of a {@code prim::ProductGroup}: one kernel, or, where sums are cut into parts, one that leaves their sums in memory and a
 * fused one that adds them up and does the rest.
 */
final class ProductGroup {
    private final Lowering lowering;
    private final Node group;
    private final Graph graph;
    private final FormProductGroups.Way way;
    private final List<Place> inputs = new ArrayList<>();

    /** @param lowered the nest that {@code product} was found in */
    private record Found(LoweredGroup lowered, TiledProduct product) {}

    ProductGroup(Lowering lowering, Node group) {
        this.lowering = lowering;
        this.group = group;
        this.graph = group.subgraph().orElseThrow();
        this.way = FormProductGroups.Way.of(group);
    }

    /** Adds the steps, or those of the group's nodes one by one if its operands lie so that no kernel takes them. */
    void lower() {
        for (Value v : group.inputs()) inputs.add(lowering.place(lowering.operand(v)));
        List<Meta> metas = graph.outputs().stream().map(v -> Lowering.meta(v.type())).toList();
        if (!generated(metas)) lowering.oneByOne(group, inputs);
    }

    private boolean generated(List<Meta> metas) {
        try {
            Found found = find(group, Fusion.layouts(graph, inputs, metas));
            if (found == null) return false;
            TileKernel.Form form = TileKernel.Form.of(found.product.type(), found.product.rows(), way.sums(),
                ((Target.Cuda) lowering.workshop().target()).device().capability());
            TileKernel whole = TileKernel.whole(form, found.product.epilogue());     // refuses what it cannot print, before results are defined
            List<Place> results = metas.stream().map(lowering.memory()::internal).toList();
            for (int i = 0; i < results.size(); i++) lowering.define(group.outputs().get(i), results.get(i));
            add(found, form, whole, results);
            return true;
        } catch (IllegalArgumentException | UnsupportedException e) {
            return false;
        }
    }

    /** A group as a product in tiles; null if it is none. */
    private static Found find(Node group, Layouts layouts) {
        LoweredGroup lowered = GroupLowering.lower(group, layouts);
        TiledProduct product = DeviceFusedStep.dividesIntegers(lowered.nest()) ? null : TiledProduct.of(lowered.nest());
        return product == null ? null : new Found(lowered, product);
    }

    /** True if there are kernels for a group whose tensors lie as their types say. */
    static boolean suits(Node group) {
        try {
            return find(group, Layouts.BY_TYPE) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void add(Found f, TileKernel.Form form, TileKernel whole, List<Place> results) {
        TiledProduct p = f.product;
        long each = Math.ceilDiv(Math.ceilDiv(p.depth(), way.parts()), form.slice()) * form.slice();
        int parts = (int) Math.ceilDiv(p.depth(), each);
        Place a = input(f, p.a()), b = input(f, p.b());
        long aOffset = f.lowered.nest().inputs().get(p.a()).offset(), bOffset = f.lowered.nest().inputs().get(p.b()).offset();
        boolean aligned = isAligned(a, aOffset, p.aRow(), p) && isAligned(b, bOffset, p.bRow(), p);
        List<Place> others = p.others().stream().map(i -> input(f, i)).toList();
        List<Place> written = f.lowered.results().stream().map(results::get).toList();
        if (parts == 1) {
            List<Place> operands = new ArrayList<>(others);
            operands.addAll(written);
            lowering.add(new DeviceTileStep(Fusion.what(graph), whole, p, form, a, aOffset, b, bOffset, 1, each, aligned, Loops.inOrder(p.epilogue()), operands,
                List.copyOf(inputs), results));
            return;
        }
        long[] sizes = {parts, p.rows(), p.columns()};
        Place sums = lowering.memory().internal(new Meta(ScalarType.FLOAT32, sizes, Shapes.contiguousStrides(sizes)));
        lowering.add(new DeviceTileStep("product", TileKernel.part(form), p, form, a, aOffset, b, bOffset, parts, each, aligned, null, List.of(sums), List.of(a, b),
            List.of(sums)));
        List<Place> read = new ArrayList<>(List.of(sums));
        read.addAll(others);
        List<Integer> which = new ArrayList<>(IntStream.range(0, parts).mapToObj(_ -> 0).toList());
        IntStream.range(1, read.size()).forEach(which::add);
        lowering.add(DeviceFusedStep.of(Fusion.what(graph), new LoweredGroup(p.joined(parts), which, f.lowered.results()), read, results, lowering));
    }

    private Place input(Found f, int operand) { return inputs.get(f.lowered.inputs().get(operand)); }

    private boolean isAligned(Place p, long offset, long row, TiledProduct product) {
        int pack = DeviceFusedStep.ALIGNMENT / product.type().byteSize();
        return DeviceFusedStep.alignment(p, offset, lowering.memory()) >= DeviceFusedStep.ALIGNMENT && row % pack == 0 && product.depth() % pack == 0;
    }
}
