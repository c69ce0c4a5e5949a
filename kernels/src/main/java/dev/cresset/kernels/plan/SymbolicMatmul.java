package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cpu.onednn.AnySizesProduct;
import dev.cresset.kernels.cpu.onednn.AnySizesProduct.Matrices;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Tensor;
import java.lang.ref.Reference;

/**
 * A library group for tensors of any sizes: one product of two of them, see {@link AnySizesProduct}. What does not suit the
 * library – batches that are broadcast, vectors, an error to raise – is left to the operator.
 */
final class SymbolicMatmul implements SymbolicPart {
    private final Graph graph;
    private final String label;
    private final int onlyRank;
    private final AnySizesProduct products;

    /**
     * @param graph    the subgraph of a {@code prim::LibraryGroup} with two inputs, as {@link
     *                 dev.cresset.kernels.plan.passes.FormLibraryGroups#forAnySizes} makes it
     * @param products outlives this; null on a machine without the library
     */
    SymbolicMatmul(Graph graph, AnySizesProduct products) {
        this.graph = graph;
        this.products = products;
        label = GroupWalk.label("product", graph);
        onlyRank = graph.nodes().getFirst().kind().equals("aten::bmm") ? 3 : 0;
        if (products != null) products.prepare(matrices(0), matrices(1));
    }

    /** As the types say. */
    private Matrices matrices(int input) {
        Meta m = Lowering.meta((TensorType) graph.inputs().get(input).type());
        return new Matrices(m.sizes(), m.strides());
    }

    @Override public Tensor[] run(CallContext context, Tensor[] given, StepObserver observer) {
        long start = observer == null ? 0 : System.nanoTime();
        Tensor a = given[0], b = given[1];
        Tensor product = suits(a, b) ? byLibrary(context, a, b) : null;
        Tensor[] results = product != null ? new Tensor[] {product} : GroupWalk.run(graph, context, given);
        if (observer != null) observer.ran(product != null ? label : GroupWalk.oneByOne(label), start, System.nanoTime());
        return results;
    }

    private boolean suits(Tensor a, Tensor b) {
        return products != null && a.dtype() == ScalarType.FLOAT32 && b.dtype() == ScalarType.FLOAT32 && a.dim() >= 2 && a.dim() == b.dim()
            && (onlyRank == 0 || a.dim() == onlyRank) && a.numel() > 0 && b.numel() > 0 && a.size(-1) == b.size(-2);
    }

    /** Null if the library does not take tensors that lie so. */
    private Tensor byLibrary(CallContext context, Tensor a, Tensor b) {
        long[] sizes = a.sizes().clone();
        sizes[sizes.length - 1] = b.size(-1);
        Tensor out = context.empty(ScalarType.FLOAT32, sizes);
        boolean done = products.run(new Matrices(a.sizes(), a.strides()), GroupWalk.address(a), new Matrices(b.sizes(), b.strides()), GroupWalk.address(b),
            new Matrices(out.sizes(), out.strides()), GroupWalk.address(out));
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
        if (done) return out;
        context.free(out);
        return null;
    }

    @Override public Graph graph() { return graph; }

    @Override public boolean isRefused() { return products == null; }

    @Override public String kernelText() { return label + "\n" + (products == null ? "one by one" : "any sizes by " + products.kernelNames()) + "\n"; }
}
