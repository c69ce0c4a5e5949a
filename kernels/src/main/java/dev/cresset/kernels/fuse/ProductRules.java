package dev.cresset.kernels.fuse;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.LoopNest.Fold;
import dev.cresset.tensor.Shapes;
import java.util.List;
import java.util.Map;

/**
 * Products of few rows as folds: {@code y[m, n] = Σ x[m, k] · w[n, k]}, summed in the compute type. Only where {@link FuseGroups}
 * takes products: such a kernel is as fast as the matrix can be read. And in groups of a product with more rows, of which
 * {@link TiledProduct} makes tiles.
 */
final class ProductRules {
    static final Map<String, FusionRule> TABLE = Map.of("aten::linear", ProductRules::linear);

    private ProductRules() {}

    private static List<Term> linear(OperatorCall c) {
        Term x = c.in(0), w = c.in(1), bias = c.inOrNull(2);
        ScalarType type = c.type(0), sum = Expr.compute(type);
        if (!type.isFloating() || x.type() != type || w.type() != type || bias != null && bias.type() != type) throw new CannotFuse("mixed types");
        if (w.sizes().length != 2 || bias != null && bias.sizes().length > 1) throw new CannotFuse("not a matrix and a row");
        if (w.sizes()[1] == 0) throw new CannotFuse("nothing to sum");
        long n = w.sizes()[0], k = w.sizes()[1], rows = Shapes.numel(x.sizes()) / k;
        if (rows > c.productRows()) throw new CannotFuse("a product of more than " + c.productRows() + " rows");
        Term left = x.reshaped(rows, 1, k);
        Term product = new Term.Map(Term.load(0, w).to(sum).mul(Term.load(1, left).to(sum)), List.of(w, left), new long[] {rows, n, k});
        Term y = product.fold(Fold.SUM, 2);
        if (bias != null) y = y.map(Term.load(0, y).add(Term.load(1, bias).to(sum)), bias.reshaped(bias.numel(), 1));
        return List.of(y.to(type).reshaped(c.sizes(0)));
    }
}
