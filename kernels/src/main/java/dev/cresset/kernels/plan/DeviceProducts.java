package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.driver.Blas;
import dev.cresset.kernels.cuda.driver.BlasLt;
import dev.cresset.kernels.cuda.driver.BlasLt.Activation;
import dev.cresset.kernels.cuda.driver.ElementType;
import dev.cresset.kernels.cuda.ops.MatrixLayout;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.plan.passes.ProductEpilogues;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Makes steps of products on a device that add a bias, or that something follows which cuBLASLt does on the way; plain products are
 * cuBLAS's, as in the unoptimised graph. The library chooses an algorithm when the plan is made.
 */
final class DeviceProducts {
    /** What NVIDIA recommends for the newest devices. */
    private static final long MOST_WORKSPACE = 32L << 20;
    private static final int BIAS_ALIGNMENT = 16;

    private final Lowering lowering;

    DeviceProducts(Lowering lowering) { this.lowering = lowering; }

    /** As {@link Products#lower}. */
    int lower(Node n, List<Node> chain) {
        Meta stated = Lowering.meta(n.output().type());
        if (!ProductEpilogues.hasTypes(stated.dtype()) || Shapes.numel(stated.sizes()) == 0 || !isWorthWhile(n, chain)) return -1;
        Product p = Product.of(lowering, n, stated.sizes());
        if (p == null || p.a().size(-1) == 0) return -1;
        Operand residual = p.sum();
        Activation activation = Activation.NONE;
        Value last = n.output();
        for (Node f : chain) {
            Value other = ProductEpilogues.summand(f, last);
            if (other != null) residual = lowering.operand(other);
            else activation = ProductEpilogues.activation(f, lowering.constants());
            last = f.output();
        }
        return step(p, residual, activation, last, stated) ? chain.size() : -1;
    }

    /** True if there is more to do than the product. */
    private boolean isWorthWhile(Node n, List<Node> chain) {
        return switch (n.kind()) {
            case "aten::linear" -> !chain.isEmpty() || !(lowering.operand(n.input(2)) instanceof Operand.Constant(Object v) && v == null);
            case "aten::addmm", "aten::baddbmm" -> true;
            default -> !chain.isEmpty();
        };
    }

    private boolean step(Product p, Operand residual, Activation activation, Value result, Meta stated) {
        long[] batch = Arrays.copyOf(p.c(), p.c().length - 2);
        int count = Math.toIntExact(Shapes.numel(batch));
        Tensor bias = p.bias() instanceof Operand.Constant(Tensor t) ? t : null;
        if (p.bias() != null && (bias == null || count != 1 || bias.address() % BIAS_ALIGNMENT != 0)) return false;
        Place c = residual == null ? null : residual(residual, p.c());
        if (residual != null && c == null) return false;
        Place a = matrices(p.a(), batch), b = matrices(lowering.place(p.b()), batch);
        Place out = lowering.memory().internal(Meta.of(stated.dtype(), stated.sizes()));
        Place d = out.seen(Views.view(out.description(), p.c()));
        BlasLt.Side to = side(d, batch), from = c == null ? to : side(c, batch);
        if (from.transposed()) return false;
        // row-major D = A B is column-major D' = B' A'
        Blas.Compute compute = Blas.Compute.of(CudaCall.precision(lowering.workshop().context()));
        BlasLt.Form form = new BlasLt.Form(ElementType.of(stated.dtype()), compute, d.size(-1), d.size(-2), a.size(-1), count, side(b, batch),
            side(a, batch), from, to, bias == null ? 0 : bias.address(), activation);
        Optional<BlasLt.Algorithm> chosen = lowering.workshop().stream().blasLt(blas -> blas.choose(form, MOST_WORKSPACE));
        if (chosen.isEmpty()) return false;
        Buffer workspace = lowering.memory().workspace(chosen.get().workspaceBytes());
        lowering.add(new DeviceProductStep(lowering.workshop().stream().owner(), chosen.get(), p.alpha(), b, a, c, d, workspace));
        lowering.define(result, out);
        return true;
    }

    /** With all batch dimensions, where it lies or copied. */
    private Place matrices(Place p, long[] batch) {
        long[] shape = Arrays.copyOf(batch, batch.length + 2);
        shape[batch.length] = p.size(-2);
        shape[batch.length + 1] = p.size(-1);
        Place wide = p.seen(Views.expand(p.description(), shape));
        return MatrixLayout.of(wide.description(), batch) != null ? wide : lowering.copied(wide, Shapes.contiguousStrides(shape));
    }

    /** What is added, as matrices of the product's result; null if it has other sizes. */
    private Place residual(Operand o, long[] sizes) {
        Place p = lowering.place(o);
        if (p.elements() != Shapes.numel(sizes)) return null;
        Tensor view = Views.viewOrNull(p.description(), sizes);
        Place c = view == null ? null : p.seen(view);
        long[] batch = Arrays.copyOf(sizes, sizes.length - 2);
        MatrixLayout layout = c == null ? null : MatrixLayout.of(c.description(), batch);
        if (layout != null && !layout.transposed()) return c;
        Place copy = lowering.copied(p, Shapes.contiguousStrides(p.sizes()));
        return copy.seen(Views.view(copy.description(), sizes));
    }

    private BlasLt.Side side(Place p, long[] batch) {
        MatrixLayout l = MatrixLayout.of(p.description(), batch);
        return new BlasLt.Side(l.transposed(), l.leading(), l.distance(), DeviceFusedStep.alignment(p, 0, lowering.memory()));
    }
}
