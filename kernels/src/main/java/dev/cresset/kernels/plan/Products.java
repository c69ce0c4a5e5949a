package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.MatmulSpec;
import dev.cresset.kernels.cpu.onednn.PreparedCall;
import dev.cresset.kernels.cpu.RowProduct;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.plan.passes.SmallProducts;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;

/** Makes steps of matrix products: C = A · B (+ bias), then what follows. A constant B is packed once. */
final class Products {
    private final Lowering lowering;

    Products(Lowering lowering) { this.lowering = lowering; }

    /**
     * Lowers a product and the nodes of the chain that it can do on the way.
     *
     * @return how many of the chain those are, or -1 if the node is no product for the library
     */
    int lower(Node n, List<Node> chain) {
        Meta stated = Lowering.meta(n.output().type());
        if (!Library.takes(lowering, stated.dtype()) || Shapes.numel(stated.sizes()) == 0) return -1;
        Product all = Product.of(lowering, n, stated.sizes());
        if (all == null || all.a().size(-1) == 0) return -1;
        Product p = all.squeezed();
        Place out = lowering.memory().internal(Meta.of(stated.dtype(), stated.sizes()));
        Place c = viewed(out, p.c());
        Step small = small(p, c);
        if (small != null) {
            lowering.add(small);
            lowering.define(n.output(), out);
            return 0;
        }
        Epilogue then = new Epilogue(lowering, out, operand -> operand(operand, out.sizes(), p.c()));
        if (p.alpha() != 1) then.scale(p.alpha());
        if (p.sum() != null && !then.add(p.sum())) return -1;
        int taken = 0;
        Value last = n.output();
        while (taken < chain.size() && then.take(chain.get(taken), last)) last = chain.get(taken++).output();
        lowering.add(step(p, c, then));
        lowering.define(last, out);
        return taken;
    }

    /** A product of few rows with a constant is as fast as the constant can be read; the library is slower at that. */
    private Step small(Product p, Place c) {
        boolean small = SmallProducts.ARE_FAST && p.c().length == 2 && p.c()[0] <= SmallProducts.MOST_ROWS && p.alpha() == 1 && p.sum() == null;
        if (!small || !(p.b() instanceof Operand.Constant(Tensor w)) || p.bias() != null && !(p.bias() instanceof Operand.Constant)) return null;
        Place x = p.a().size(1) == 1 || p.a().strides()[1] == 1 ? p.a() : rowMajor(p.a());
        Tensor bias = p.bias() instanceof Operand.Constant(Tensor t) ? t : null;
        RowProduct product = lowering.holdings().rowProduct(w, bias);
        return new RowProductStep(product, x, c, lowering.workshop().threads());
    }

    private static Place viewed(Place row, long[] sizes) { return row.seen(Views.view(row.description(), sizes)); }

    /** An operand of the program's result as one of the library's, where all rows may be one dimension. */
    private static Place operand(Place p, long[] result, long[] c) {
        if (Arrays.equals(withoutOnes(result), withoutOnes(c))) {
            Place wide = Epilogue.widened(p, result);
            return wide == null ? null : squeezed(wide, result, c.length);
        }
        if (p.elements() == p.size(-1) && (p.size(-1) == c[1] || p.size(-1) == 1)) {
            return new Place(p.buffer(), p.type(), p.offset(), new long[] {1, p.size(-1)}, new long[] {p.size(-1), p.strides()[p.rank() - 1]});
        }
        Tensor rows = Epilogue.isFull(p, result) ? Views.viewOrNull(p.description(), c) : null;
        return rows == null ? null : p.seen(rows);
    }

    private static long[] withoutOnes(long[] sizes) { return Arrays.stream(sizes).filter(s -> s != 1).toArray(); }

    /** Without the leading dimensions in which the result has size 1, down to this rank. */
    private static Place squeezed(Place p, long[] result, int rank) {
        Tensor t = p.description();
        for (int d = 0, k = 0; t.dim() > rank; d++) {
            if (result[d] == 1) t = Views.squeeze(t, k);
            else k++;
        }
        return p.seen(t);
    }

    // ---- the step

    private Step step(Product p, Place c, Epilogue then) {
        Place a = usable(p.a(), 2);
        Operand b = p.b() instanceof Place place ? usable(place, 2) : p.b();
        if (repeatTogether(a, b)) {
            a = rowMajor(a);
            b = rowMajor(lowering.place(b));
        }
        MatmulSpec spec = spec(a, b, c, p.bias() != null).withPostOps(then.postOps());
        if (!spec.direct().a().equals(spec.a())) a = rowMajor(a);
        if (b instanceof Place place && !spec.direct().b().equals(spec.b())) b = rowMajor(place);
        spec = spec(a, b, c, p.bias() != null).withPostOps(then.postOps());
        Holdings holdings = lowering.holdings();
        MatmulSpec prepared = b instanceof Operand.Constant ? spec.withPackedB() : spec;
        PreparedCall call = holdings.call(prepared, () -> holdings.oneDnn().prepare(prepared));
        LibraryStep.Builder builder = new LibraryStep.Builder("product", call).read(a);
        switch (b) {
            case Place place -> builder.read(place);
            case Operand.Constant(Object w) -> builder.constant(holdings.packed((Tensor) w, spec.b(), call.layout(1)));
            case Operand.Items _ -> throw new IllegalArgumentException("a list is no matrix");
        }
        builder.write(c);
        if (p.bias() instanceof Place place) builder.read(place);
        if (p.bias() instanceof Operand.Constant(Tensor t)) builder.read(lowering.memory().constant(t));
        then.operands().forEach(builder::read);
        return builder.build(lowering.memory());
    }

    private static MatmulSpec spec(Place a, Operand b, Place c, boolean bias) {
        return MatmulSpec.of(ScalarType.FLOAT32, a.sizes(), a.strides(), Product.sizes(b), Product.strides(b), c.sizes(), c.strides(), bias);
    }

    /** Whether a batch of the result comes from one matrix on both sides: the library then wants that batch once only. */
    private static boolean repeatTogether(Place a, Operand b) {
        for (int d = 0; d < a.rank() - 2; d++) {
            boolean left = a.sizes()[d] == 1 || a.strides()[d] == 0, right = Product.sizes(b)[d] == 1 || Product.strides(b)[d] == 0;
            if (left && right && Math.max(a.sizes()[d], Product.sizes(b)[d]) > 1) return true;
        }
        return false;
    }

    /** Itself if the library can read it where only batch dimensions may repeat, else a copy. */
    private Place usable(Place p, int matrix) {
        long[] sizes = p.sizes().clone();
        for (int d = 0; d < p.rank() - matrix; d++) if (p.strides()[d] == 0) sizes[d] = 1;
        try {
            dev.cresset.kernels.cpu.onednn.DnnLayout.plain(p.type(), sizes, p.strides());
            return p;
        } catch (UnsupportedException e) {
            return rowMajor(p);
        }
    }

    private Place rowMajor(Place p) { return lowering.copied(p, Shapes.contiguousStrides(p.sizes())); }
}
