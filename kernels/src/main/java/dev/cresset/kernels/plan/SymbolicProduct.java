package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.AnyRowsProduct;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cpu.onednn.PostOps;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.plan.passes.ConstantProduct;
import dev.cresset.kernels.plan.passes.ElementFunctions;
import dev.cresset.kernels.plan.passes.KnownValues;
import dev.cresset.tensor.Tensor;
import java.lang.ref.Reference;
import java.util.List;

/**
 * A library group for tensors of any sizes: a product with a constant matrix, and functions of one element that the library
 * applies to it. The library is told how many rows there are when it runs, see {@link AnyRowsProduct}. What does not suit it
 * – no rows, an error to raise – runs operator by operator.
 */
final class SymbolicProduct implements SymbolicPart {
    private final Graph graph;
    private final String label;
    private final ConstantProduct call;
    private final AnyRowsProduct product;   // null: the library has no fast kernel for it

    /**
     * @param graph  the subgraph of a {@code prim::LibraryGroup} with one input, as {@link
     *               dev.cresset.kernels.plan.passes.FormLibraryGroups#forAnySizes} makes it
     * @param oneDnn outlives this; null on a machine without it
     */
    SymbolicProduct(Graph graph, OneDnn oneDnn) {
        this.graph = graph;
        label = GroupWalk.label("product", graph);
        KnownValues constants = KnownValues.in(Uses.of(graph));
        List<Node> calls = graph.nodes().stream().filter(n -> n.operator() != null).toList();
        call = ConstantProduct.of(calls.getFirst(), constants);
        PostOps chain = PostOps.NONE;
        for (int i = 1; i < calls.size(); i++) chain = ElementFunctions.append(chain, calls.get(i), calls.get(i - 1).output(), constants);
        product = oneDnn == null ? null : prepared(oneDnn, call, chain);
    }

    private static AnyRowsProduct prepared(OneDnn oneDnn, ConstantProduct call, PostOps chain) {
        try {
            return new AnyRowsProduct(oneDnn, Library.memory(call.weight()), call.columns(), call.outputs(), call.strides(),
                call.bias() == null ? null : Library.memory(call.bias()), chain);
        } catch (UnsupportedException e) {
            return null;
        }
    }

    @Override public Tensor[] run(CallContext context, Tensor[] given, StepObserver observer) {
        long start = observer == null ? 0 : System.nanoTime();
        boolean suits = suits(given[0]);
        Tensor[] results = suits ? new Tensor[] {byLibrary(context, given[0])} : GroupWalk.run(graph, context, given);
        if (observer != null) observer.ran(suits ? label : GroupWalk.oneByOne(label), start, System.nanoTime());
        return results;
    }

    private boolean suits(Tensor x) {
        return product != null && x.dtype() == ScalarType.FLOAT32 && x.dim() >= 1 && x.size(-1) == call.columns() && x.numel() > 0
            && (!call.onlyMatrices() || x.dim() == 2);
    }

    private Tensor byLibrary(CallContext context, Tensor x) {
        Tensor rows = x.isContiguous() ? x : context.tensor("aten::contiguous", x);
        long[] sizes = x.sizes().clone();
        sizes[sizes.length - 1] = call.outputs();
        Tensor out = context.empty(ScalarType.FLOAT32, sizes);
        product.run(x.numel() / call.columns(), GroupWalk.address(rows), GroupWalk.address(out));
        Reference.reachabilityFence(rows);
        return out;
    }

    @Override public Graph graph() { return graph; }

    @Override public boolean isRefused() { return product == null; }

    @Override public long nativeBytes() { return product == null ? 0 : product.byteSize(); }

    @Override public String kernelText() {
        return label + "\n" + (product == null ? "one by one" : "[any rows, " + call.columns() + "] by [" + call.columns() + ", " + call.outputs() + "] by "
            + product.kernelName()) + "\n";
    }

    @Override public void close() { if (product != null) product.close(); }
}
