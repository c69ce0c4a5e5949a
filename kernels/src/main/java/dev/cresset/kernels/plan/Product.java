package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/**
 * A matrix product as libraries see it, all of one rank: {@code C = alpha · A · B + bias + sum}.
 *
 * @param b    a place or a constant
 * @param bias one number per column, or null
 * @param sum  what is added to the scaled product, or null
 * @param c    the sizes of the result
 */
record Product(Place a, Operand b, Operand bias, Operand sum, float alpha, long[] c) {
    /**
     * Without batch dimensions of size 1: oneDNN 3.11 computes nonsense where the first one is of size 1 and B's batches
     * lie inside of its rows.
     */
    Product squeezed() {
        int d = 0;
        while (d < c.length - 2 && c[d] != 1) d++;
        if (d >= c.length - 2) return this;
        return new Product((Place) squeezed(a, d), squeezed(b, d), bias, sum, alpha, Views.without(c, d)).squeezed();
    }

    private static Operand squeezed(Operand o, int d) {
        return o instanceof Place p ? p.seen(Views.squeeze(p.description(), d))
            : new Operand.Constant(Views.squeeze((Tensor) ((Operand.Constant) o).value(), d));
    }

    /** A node as a product; null if it is none that a library does. May add copies that bring the operands into a form that it takes. */
    static Product of(Lowering lowering, Node n, long[] sizes) {
        return switch (n.operator().schema().qualifiedName()) {
            case "aten::mm", "aten::bmm" -> of(lowering, n, 0, null, null, 1, sizes);
            case "aten::matmul" -> matmul(lowering, n, sizes);
            case "aten::linear" -> linear(lowering, n, sizes);
            case "aten::addmm", "aten::baddbmm" -> sum(lowering, n, sizes);
            default -> null;
        };
    }

    private static Product of(Lowering lowering, Node n, int first, Operand bias, Operand sum, float alpha, long[] sizes) {
        return lowering.operand(n.input(first)) instanceof Place a
            ? new Product(a, lowering.operand(n.input(first + 1)), bias, sum, alpha, sizes)
            : lowering.operand(n.input(first)) instanceof Operand.Constant(Tensor t)
            ? new Product(lowering.memory().constant(t), lowering.operand(n.input(first + 1)), bias, sum, alpha, sizes) : null;
    }

    private static Product sum(Lowering lowering, Node n, long[] sizes) {
        if (!(lowering.operand(n.input(3)) instanceof Operand.Constant(Number beta)) || beta.doubleValue() != 1) return null;
        if (!(lowering.operand(n.input(4)) instanceof Operand.Constant(Number alpha))) return null;
        Operand self = lowering.operand(n.input(0));
        boolean bias = alpha.doubleValue() == 1 && isRow(self, sizes[sizes.length - 1], Lowering.meta(n.output().type()).dtype());
        return of(lowering, n, 1, bias ? self : null, bias ? null : self, alpha.floatValue(), sizes);
    }

    private static boolean isRow(Operand o, long columns, ScalarType type) {
        long[] sizes = sizes(o), strides = strides(o);
        if (sizes == null || sizes.length == 0 || type(o) != type) return false;
        return Shapes.numel(sizes) == columns && sizes[sizes.length - 1] == columns && (columns == 1 || strides[sizes.length - 1] == 1);
    }

    private static Product linear(Lowering lowering, Node n, long[] sizes) {
        long[] w = sizes(lowering.operand(n.input(1)));
        Operand bias = lowering.operand(n.input(2));
        boolean none = bias instanceof Operand.Constant(Object v) && v == null;
        if (w.length != 2 || !none && !isRow(bias, w[0], Lowering.meta(n.output().type()).dtype()) || !(lowering.operand(n.input(0)) instanceof Place x)) return null;
        long rows = Shapes.numel(sizes) / w[0];
        return new Product(rows(lowering, x, rows), transposed(lowering.operand(n.input(1))), none ? null : bias, null, 1, new long[] {rows, w[0]});
    }

    /** Of two tensors of at least two dimensions each; all rows at once where the second is one matrix. */
    private static Product matmul(Lowering lowering, Node n, long[] sizes) {
        Operand b = lowering.operand(n.input(1));
        if (!(lowering.operand(n.input(0)) instanceof Place a)) return null;
        long[] y = sizes(b);
        if (a.rank() < 2 || y.length < 2) return null;
        if (y.length == 2 && a.rank() > 2) {
            long rows = Shapes.numel(sizes) / y[1];
            return new Product(rows(lowering, a, rows), b, null, null, 1, new long[] {rows, y[1]});
        }
        return new Product(widened(a, sizes.length), widened(b, sizes.length), null, null, 1, sizes);
    }

    private static Place rows(Lowering lowering, Place x, long rows) {
        Tensor view = Views.viewOrNull(x.description(), rows, x.size(-1));
        if (view != null) return x.seen(view);
        Place copy = lowering.copied(x, Shapes.contiguousStrides(x.sizes()));
        return copy.seen(Views.view(copy.description(), rows, x.size(-1)));
    }

    private static Place widened(Place p, int rank) {
        Tensor t = p.description();
        while (t.dim() < rank) t = Views.unsqueeze(t, 0);
        return p.seen(t);
    }

    private static Operand widened(Operand o, int rank) {
        if (o instanceof Place p) return widened(p, rank);
        Tensor t = (Tensor) ((Operand.Constant) o).value();
        while (t.dim() < rank) t = Views.unsqueeze(t, 0);
        return new Operand.Constant(t);
    }

    private static Operand transposed(Operand o) {
        return switch (o) {
            case Place p -> p.seen(Views.transpose(p.description(), 0, 1));
            case Operand.Constant c -> new Operand.Constant(Views.transpose((Tensor) c.value(), 0, 1));
            case Operand.Items _ -> throw new IllegalArgumentException("a list is no matrix");
        };
    }

    static long[] sizes(Operand o) {
        return switch (o) {
            case Place p -> p.sizes();
            case Operand.Constant(Tensor t) -> t.sizes();
            default -> null;
        };
    }

    static long[] strides(Operand o) { return o instanceof Place p ? p.strides() : ((Tensor) ((Operand.Constant) o).value()).strides(); }

    private static ScalarType type(Operand o) { return o instanceof Place p ? p.type() : ((Tensor) ((Operand.Constant) o).value()).dtype(); }
}
