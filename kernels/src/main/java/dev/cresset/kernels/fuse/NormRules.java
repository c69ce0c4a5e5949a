package dev.cresset.kernels.fuse;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.LoopNest.Fold;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** softmax, variance, and normalisation by rows or by channels. */
final class NormRules {
    static final Map<String, FusionRule> TABLE = table();

    private NormRules() {}

    private static Map<String, FusionRule> table() {
        Map<String, FusionRule> out = new HashMap<>();
        for (String name : new String[] {"softmax.int", "special_softmax", "_softmax"}) {
            out.put("aten::" + name, c -> List.of(softmax(c, false)));
        }
        for (String name : new String[] {"log_softmax.int", "special_log_softmax", "_log_softmax"}) {
            out.put("aten::" + name, c -> List.of(softmax(c, true)));
        }
        for (String name : new String[] {"var", "std"}) {
            boolean root = name.equals("std");
            out.put("aten::" + name, c -> variance(c, root, false, -1, 1));
            out.put("aten::" + name + ".dim", c -> variance(c, root, false, 1, 2));
            out.put("aten::" + name + ".correction", c -> variance(c, root, false, 1, 2));
            out.put("aten::" + name + "_mean", c -> variance(c, root, true, -1, 1));
            out.put("aten::" + name + "_mean.dim", c -> variance(c, root, true, 1, 2));
            out.put("aten::" + name + "_mean.correction", c -> variance(c, root, true, 1, 2));
        }
        out.put("aten::layer_norm", c -> List.of(layerNorm(c).getFirst()));
        out.put("aten::native_layer_norm", NormRules::layerNorm);
        out.put("aten::group_norm", NormRules::groupNorm);
        out.put("aten::instance_norm", NormRules::instanceNorm);
        out.put("aten::batch_norm", c -> List.of(batchNorm(c)));
        out.put("aten::native_batch_norm", c -> Arrays.asList(batchNorm(c), null, null));
        return Map.copyOf(out);
    }

    /** exp(x - max) / Σ exp(x - max), or its logarithm. */
    private static Term softmax(OperatorCall c, boolean log) {
        Term x = c.in(0).to(Expr.compute(c.type(0)));
        int kept = Row.kept(x.sizes(), c.int64(1));
        Term max = x.fold(Fold.MAX, kept);
        Term shifted = x.map(Term.load(0, x).sub(Term.load(1, max)), max);
        Term exp = shifted.map(Term.load(0, shifted).exp());
        Term sum = exp.fold(Fold.SUM, kept);
        if (log) {
            Term logSum = sum.map(Term.load(0, sum).log());
            return shifted.map(Term.load(0, shifted).sub(Term.load(1, logSum)).to(c.type(0)), logSum);
        }
        Term scale = sum.map(Term.load(0, sum).recip());
        return exp.map(Term.load(0, exp).mul(Term.load(1, scale)).to(c.type(0)), scale);
    }

    /**
     * @param dims       position of the argument with the dimensions, -1 for all
     * @param correction position of the correction, or of unbiased
     */
    private static List<Term> variance(OperatorCall c, boolean root, boolean withMean, int dims, int correction) {
        Term x = c.in(0).to(Expr.compute(c.type(0)));
        int kept = dims < 0 ? 0 : Row.kept(x.sizes(), c.longs(dims));
        double degrees = Row.length(x.sizes(), kept) - (c.isNone(correction) ? 1 : c.int64(correction));
        Term mean = ReductionRules.mean(x, kept);
        Term squares = squaredDeviations(x, mean, kept);
        Expr variance = Term.load(0, squares).div(Math.max(0, degrees));
        Term spread = squares.map((root ? variance.sqrt() : variance).to(c.type(0))).reshaped(c.sizes(0));
        return withMean ? List.of(spread, mean.to(c.type(1)).reshaped(c.sizes(1))) : List.of(spread);
    }

    private static Term squaredDeviations(Term x, Term mean, int kept) {
        Expr deviation = Term.load(0, x).sub(Term.load(1, mean));
        return x.map(deviation.mul(deviation), mean).fold(Fold.SUM, kept);
    }

    private static List<Term> layerNorm(OperatorCall c) {
        int kept = c.sizes(0).length - c.longs(1).length;
        ScalarType type = c.type(0);
        Term x = c.in(0).to(Expr.compute(type));
        Term mean = ReductionRules.mean(x, kept);
        Term rstd = reciprocalDeviation(x, mean, kept, c.float64(4));
        return List.of(affine(normalized(x, mean, rstd), c.inOrNull(2), c.inOrNull(3)).to(type), mean.to(type), rstd.to(type));
    }

    private static Term reciprocalDeviation(Term x, Term mean, int kept, double eps) {
        Term squares = squaredDeviations(x, mean, kept);
        return squares.map(Term.load(0, squares).mul(1.0 / Row.length(x.sizes(), kept)).add(eps).sqrt().recip());
    }

    private static Term normalized(Term x, Term mean, Term rstd) {
        return x.map(Term.load(0, x).sub(Term.load(1, mean)).mul(Term.load(2, rstd)), mean, rstd);
    }

    /** Times weight plus bias, either of which may be null; in the type of {@code x}. */
    private static Term affine(Term x, Term weight, Term bias) {
        Term w = weight == null ? null : weight.to(x.type());
        Term b = bias == null ? null : bias.to(x.type());
        if (w == null && b == null) return x;
        if (b == null) return x.map(Term.load(0, x).mul(Term.load(1, w)), w);
        if (w == null) return x.map(Term.load(0, x).add(Term.load(1, b)), b);
        return x.map(Term.load(0, x).mul(Term.load(1, w)).add(Term.load(2, b)), w, b);
    }

    private static List<Term> groupNorm(OperatorCall c) {
        return List.of(byGroups(c, c.int64(1), c.inOrNull(2), c.inOrNull(3), c.float64(4)));
    }

    private static List<Term> instanceNorm(OperatorCall c) {
        if (!c.bool(5)) return List.of(batchNorm(c));
        if (!c.isNone(3) || !c.isNone(4)) throw new CannotFuse("it updates running statistics");
        return List.of(byGroups(c, c.sizes(0)[1], c.inOrNull(1), c.inOrNull(2), c.float64(7)));
    }

    /** Each sample's channels in groups, each group normalised as one row. */
    private static Term byGroups(OperatorCall c, long groups, Term weight, Term bias, double eps) {
        long[] sizes = c.sizes(0);
        Term x = c.in(0).to(Expr.compute(c.type(0)));
        Term rows = x.reshaped(sizes[0], groups, x.numel() / (sizes[0] * groups));
        Term mean = ReductionRules.mean(rows, 2);
        Term rstd = reciprocalDeviation(rows, mean, 2, eps);
        Term y = normalized(rows, mean, rstd).reshaped(sizes);
        return affine(y, perChannel(weight, sizes), perChannel(bias, sizes)).to(c.type(0));
    }

    private static Term perChannel(Term vector, long[] sizes) {
        return vector == null ? null : vector.reshaped(Channels.shape(sizes[1], sizes.length));
    }

    /** x · scale + shift with the numbers of each channel in double precision, as the operator computes them. */
    private static Term batchNorm(OperatorCall c) {
        if (c.bool(5)) throw new CannotFuse("it updates running statistics");
        ScalarType compute = Expr.compute(c.type(0));
        long[] sizes = c.sizes(0);
        Term variance = perChannel(c.in(4), sizes).to(ScalarType.FLOAT64);
        Expr deviation = Term.load(0, variance).add(c.float64(7)).sqrt();
        Term w = c.isNone(1) ? null : perChannel(c.in(1), sizes).to(ScalarType.FLOAT64);
        Term scale = w == null ? variance.map(deviation.recip()) : variance.map(Term.load(1, w).div(deviation), w);
        Term mean = perChannel(c.in(3), sizes).to(ScalarType.FLOAT64);
        Expr product = Term.load(0, mean).mul(Term.load(1, scale));
        Term b = c.isNone(2) ? null : perChannel(c.in(2), sizes).to(ScalarType.FLOAT64);
        Term shift = b == null ? mean.map(Expr.constant(0, ScalarType.FLOAT64).sub(product), scale)
            : mean.map(Term.load(2, b).sub(product), scale, b);
        return affine(c.in(0).to(compute), scale.to(compute), shift.to(compute)).to(c.type(0));
    }
}
