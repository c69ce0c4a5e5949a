package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.ops.CudaClassLoss;
import dev.cresset.kernels.cuda.ops.CudaReduce;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Losses by class on a device, in the compute type of the scores, from single losses, expressions and sums. */
record DeviceClassLoss(CallContext context, Tensor scores, int dim, Tensor weight, long reduction) {
    private ScalarType type() { return Expr.compute(scores.dtype()); }

    private Expr load(int input, ScalarType from) { return new Expr.Load(input, from).to(type()); }

    /** Writes losses by sample, or their sum or their mean over the total weight, a number of no dimension. */
    private void finish(Tensor losses, Tensor total, Tensor out) {
        if (ElementLoss.reduction(reduction) == ElementLoss.NONE) {
            Elementwise.copy(context, Views.view(losses, out.sizes()), out);
            return;
        }
        Tensor sum = sum(losses);
        Expr s = load(0, type());
        Elementwise.apply(context, reduction == ElementLoss.MEAN ? s.div(load(1, type())) : s, out, sum, total);
    }

    private Tensor sum(Tensor t) {
        Tensor out = context.empty(type());
        CudaReduce.run(context, Operator.SUM, t, Dims.all(t), out);
        return out;
    }

    /** The sums over the classes of what an expression gives for each. */
    private Tensor overClasses(Expr e, Object... inputs) {
        Tensor all = context.empty(type(), scores.sizes());
        Elementwise.apply(context, e, all, inputs);
        boolean[] mask = Dims.mask(scores.dim(), new long[] {dim});
        Tensor out = context.empty(type(), Dims.sizes(scores, mask, false));
        CudaReduce.run(context, Operator.SUM, all, mask, out);
        return out;
    }

    /** Returns the total weight of the samples that count. */
    Tensor nll(Tensor target, long ignored, Tensor out) {
        Tensor losses = context.empty(type(), target.sizes()), weights = context.empty(type(), target.sizes());
        CudaClassLoss.run(context, scores, dim, target, weight, ignored, losses, weights);
        Tensor total = sum(weights);
        finish(losses, total, out);
        return total;
    }

    /** Weights that broadcast to the scores; null if there are none. */
    private Tensor wideWeight() {
        if (weight == null) return null;
        Tensor w = weight;
        for (int d = dim + 1; d < scores.dim(); d++) w = Views.unsqueeze(w, w.dim());
        return w;
    }

    private Expr weighted(Expr e, int input) { return weight == null ? e : e.mul(load(input, weight.dtype())); }

    /** For targets that are probabilities of all classes. */
    void probabilities(Tensor target, double smoothing, Tensor out) {
        long n = scores.sizes()[dim];
        Expr share = load(1, target.dtype()).mul(1 - smoothing).add(smoothing / n);
        Tensor losses = overClasses(weighted(share.mul(load(0, scores.dtype())).neg(), 2), scores, target, wideWeight());
        finish(losses, count(losses), out);
    }

    /** The right class gets 1 - smoothing, all classes share the rest. */
    void smoothed(Tensor target, long ignored, double smoothing, Tensor out) {
        Tensor hard = context.empty(type(), out.sizes()), soft = context.empty(type(), out.sizes());
        Tensor total = nll(target, ignored, hard);
        Tensor all = overClasses(weighted(load(0, scores.dtype()).neg(), 1), scores, wideWeight());
        Tensor counted = context.empty(type(), target.sizes());
        Expr counts = new Expr.Load(1, target.dtype()).ne(Expr.constant(ignored, target.dtype()));
        Elementwise.apply(context, counts.select(load(0, type()), Expr.constant(0, type())), counted, all, target);
        finish(counted, total, soft);
        Expr both = load(0, type()).mul(1 - smoothing).add(load(1, type()).mul(smoothing / scores.sizes()[dim]));
        Elementwise.apply(context, both, out, hard, soft);
    }

    /** Of wrong classes within a margin of the right one. */
    void margin(Tensor target, double order, double margin, Tensor out) {
        Tensor rows = dim == scores.dim() - 1 ? scores : context.tensor("aten::movedim.int", scores, (long) dim, -1L);
        Tensor losses = context.empty(type(), target.numel());
        CudaClassLoss.margin(context, rows, target, weight, order, margin, losses);
        finish(losses, count(losses), out);
    }

    /** Of wrong classes within a margin of several right ones. */
    void margins(Tensor target, Tensor out) {
        Tensor each = context.empty(type(), scores.sizes());
        CudaClassLoss.margins(context, scores, target, each);
        boolean[] mask = Dims.mask(scores.dim(), new long[] {-1});
        Tensor losses = context.empty(type(), Dims.sizes(scores, mask, false));
        CudaReduce.run(context, Operator.SUM, each, mask, losses);
        finish(losses, count(losses), out);
    }

    private Tensor count(Tensor losses) { return context.scalar(type(), (double) losses.numel()); }
}
