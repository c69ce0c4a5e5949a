package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;

/** Losses of corresponding elements and of pairs of vectors. */
final class LossOps implements OpFamily {
    /** The formula of a call, from its number arguments. */
    private interface Maker { ElementLoss.Formula of(Args a); }

    @Override public void declare(Catalog ops) {
        String out = ", *, Tensor(a!) out) -> Tensor(a!)";
        String plain = "(Tensor self, Tensor target, int reduction=1";
        pair(ops, "mse_loss" + plain + ") -> Tensor", 2, _ -> (x, t, _, _) -> square(x.sub(t))).alsoAs("aten::mse_loss.out" + plain + out);
        pair(ops, "l1_loss" + plain + ") -> Tensor", 2, _ -> (x, t, _, _) -> x.sub(t).abs());
        pair(ops, "soft_margin_loss" + plain + ") -> Tensor", 2, _ -> (x, t, _, _) -> x.neg().mul(t).exp().log1p())
            .alsoAs("aten::soft_margin_loss.out" + plain + out);
        pair(ops, "smooth_l1_loss" + plain + ", float beta=1.) -> Tensor", 2, a -> smooth(a.float64(3)))
            .alsoAs("aten::smooth_l1_loss.out" + plain + ", float beta=1." + out);
        pair(ops, "huber_loss" + plain + ", float delta=1.) -> Tensor", 2, a -> huber(a.float64(3)))
            .alsoAs("aten::huber_loss.out" + plain + ", float delta=1." + out);
        pair(ops, "kl_div" + plain + ", *, bool log_target=False) -> Tensor", 2, a -> divergence(a.bool(3)));
        pair(ops, "hinge_embedding_loss(Tensor self, Tensor target, float margin=1., int reduction=1) -> Tensor", 3, a -> hinge(a.float64(2)));
        pair(ops, "poisson_nll_loss(Tensor input, Tensor target, bool log_input, bool full, float eps, int reduction) -> Tensor", 5,
            a -> poisson(a.bool(2), a.bool(3), a.float64(4)));
        declareCrossEntropies(ops);
        ops.op("aten::margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float margin=0., int reduction=1) -> Tensor")
            .kernel(a -> ElementLoss.meta(a.int64(4), a.tensor(0), a.tensor(1), a.tensor(2)), (a, r) -> {
                double margin = a.float64(3);
                ElementLoss.run(a.context(), a.int64(4), (x, y, t, _) -> t.neg().mul(x.sub(y)).add(margin).max(0), r, a.tensor(0), a.tensor(1), a.tensor(2));
            }).everywhere();
        ops.op("aten::cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0., int reduction=1) -> Tensor")
            .composite(LossOps::cosineEmbedding);
        ops.op("aten::triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float margin=1., float p=2., float"
            + " eps=9.9999999999999995e-07, bool swap=False, int reduction=1) -> Tensor").composite(LossOps::triplet);
    }

    private static Catalog.Declaration pair(Catalog ops, String schema, int reduction, Maker maker) {
        return ops.op("aten::" + schema).kernel(a -> ElementLoss.meta(a.int64(reduction), a.tensor(0), a.tensor(1)),
            (a, out) -> ElementLoss.run(a.context(), a.int64(reduction), maker.of(a), out, a.tensor(0), a.tensor(1))).everywhere();
    }

    private static void declareCrossEntropies(Catalog ops) {
        String binary = "(Tensor self, Tensor target, Tensor? weight=None, int reduction=1";
        ops.op("aten::binary_cross_entropy" + binary + ") -> Tensor")
            .kernel(a -> ElementLoss.meta(a.int64(3), a.tensor(0), a.tensor(1), a.tensorOrNull(2)), (a, out) -> ElementLoss.run(a.context(),
                a.int64(3), LossOps::binary, out, probabilities(a), a.tensor(1), a.tensorOrNull(2))).everywhere()
            .alsoAs("aten::binary_cross_entropy.out" + binary + ", *, Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None,"
            + " int reduction=1) -> Tensor")
            .kernel(a -> ElementLoss.meta(a.int64(4), a.tensor(0), a.tensor(1), a.tensorOrNull(2), a.tensorOrNull(3)),
                (a, out) -> ElementLoss.run(a.context(), a.int64(4), LossOps::logits, out, a.tensor(0), a.tensor(1), a.tensorOrNull(2),
                    a.tensorOrNull(3))).everywhere();
    }

    private static Expr square(Expr e) { return e.mul(e); }

    private static Expr zero(Expr like) { return Expr.constant(0, like.type()); }

    private static Expr oneMinus(Expr e) { return e.neg().add(1); }

    /** The first argument, which has to consist of probabilities; nobody waits for a device to say so. */
    private static Tensor probabilities(Args a) {
        Tensor t = a.tensor(0);
        if (a.context().isOnDevice()) return t;
        for (double x : t.toDoubleArray()) if (!(x >= 0 && x <= 1)) throw new ScriptError("all elements of input should be between 0 and 1");
        return t;
    }

    private static Expr binary(Expr x, Expr t, Expr weight, Expr unused) {
        return weight.neg().mul(t.mul(x.log().max(-100)).add(oneMinus(t).mul(x.neg().log1p().max(-100))));
    }

    private static Expr logits(Expr x, Expr t, Expr weight, Expr positive) {
        Expr soft = x.abs().neg().exp().log1p().add(x.neg().max(0));
        return weight.mul(oneMinus(t).mul(x).add(positive.sub(1).mul(t).add(1).mul(soft)));
    }

    private static ElementLoss.Formula smooth(double beta) {
        if (beta < 0) throw new ScriptError("smooth_l1_loss does not support negative values for beta.");
        return (x, t, _, _) -> {
            Expr d = x.sub(t).abs();
            return d.lt(beta).select(square(d).mul(0.5).div(beta), d.sub(0.5 * beta));
        };
    }

    private static ElementLoss.Formula huber(double delta) {
        if (delta <= 0) throw new ScriptError("huber_loss does not support non-positive values for delta.");
        return (x, t, _, _) -> {
            Expr d = x.sub(t).abs();
            return d.le(delta).select(square(d).mul(0.5), d.sub(0.5 * delta).mul(delta));
        };
    }

    private static ElementLoss.Formula divergence(boolean logTarget) {
        if (logTarget) return (x, t, _, _) -> t.exp().mul(t.sub(x));
        return (x, t, _, _) -> t.eq(0).select(zero(t), t.mul(t.log())).sub(t.mul(x));
    }

    private static ElementLoss.Formula hinge(double margin) {
        return (x, t, _, _) -> t.ne(1).select(x.neg().add(margin).max(0), zero(x)).add(t.ne(-1).select(x, zero(x)));
    }

    private static ElementLoss.Formula poisson(boolean logInput, boolean full, double eps) {
        return (x, t, _, _) -> {
            Expr loss = logInput ? x.exp().sub(t.mul(x)) : x.sub(t.mul(x.add(eps).log()));
            if (!full) return loss;
            Expr stirling = t.mul(t.log()).sub(t).add(t.mul(2 * Math.PI).log().mul(0.5));
            return t.gt(1).select(loss.add(stirling), loss);
        };
    }

    private static Object cosineEmbedding(Args a) {
        CallContext c = a.context();
        Tensor cosine = DistanceOps.cosine(c, a.tensor(0), a.tensor(1), a.tensor(0).dim() - 1,
            (xy, xx, yy) -> xy.div(xx.add(1e-12).mul(yy.add(1e-12)).sqrt()));
        double margin = a.float64(3);
        Tensor out = c.empty(ElementLoss.meta(a.int64(4), cosine, a.tensor(2)));
        ElementLoss.run(c, a.int64(4), (s, t, _, _) -> t.eq(1).select(oneMinus(s), t.eq(-1).select(s.sub(margin).max(0), zero(s))), out, cosine, a.tensor(2));
        return out;
    }

    private static Object triplet(Args a) {
        CallContext c = a.context();
        Tensor near = distance(a, 0, 1);
        Tensor far = distance(a, 0, 2);
        Tensor other = a.bool(6) ? distance(a, 1, 2) : far;
        double margin = a.float64(3);
        Tensor out = c.empty(ElementLoss.meta(a.int64(7), near, far));
        ElementLoss.run(c, a.int64(7), (p, n, s, _) -> p.sub(n.min(s)).add(margin).max(0), out, near, far, other);
        return out;
    }

    private static Tensor distance(Args a, int x, int y) {
        return a.context().tensor("aten::pairwise_distance", a.tensor(x), a.tensor(y), a.float64(4), a.float64(5), false);
    }
}
