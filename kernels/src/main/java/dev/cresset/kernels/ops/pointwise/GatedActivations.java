package dev.cresset.kernels.ops.pointwise;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Activation functions that need more than one expression: a weight for each channel, halves of the input, random numbers. */
final class GatedActivations implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::prelu(Tensor self, Tensor weight) -> Tensor").composite(GatedActivations::prelu);
        ops.op("aten::glu(Tensor self, int dim=-1) -> Tensor").composite(GatedActivations::glu);
        ops.op("aten::log_sigmoid_forward(Tensor self) -> (Tensor output, Tensor buffer)").composite(a -> {
            Tensor negative = a.context().tensor("aten::neg", a.context().tensor("aten::abs", a.tensor(0)));
            return new Object[] {a.context().tensor("aten::log_sigmoid", a.tensor(0)), a.context().tensor("aten::exp_", negative)};
        });
        String options = "Scalar lower=0.125, Scalar upper=0.33333333333333331, bool training=False, Generator? generator=None)";
        ops.op("aten::rrelu(Tensor self, " + options + " -> Tensor").nondeterministic().composite(GatedActivations::rrelu);
        ops.op("aten::rrelu_(Tensor(a!) self, " + options + " -> Tensor(a!)").nondeterministic()
            .composite(a -> a.context().tensor("aten::copy_", a.tensor(0), rrelu(a)));
    }

    private static Tensor prelu(Args a) {
        Tensor x = a.tensor(0), weight = a.tensor(1);
        CallContext c = a.context();
        if (weight.numel() != 1) {
            long channels = x.dim() == 0 ? 0 : x.dim() == 1 ? 1 : x.size(1);
            if (channels != weight.numel()) {
                throw new ScriptError("Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                    + weight.numel() + " and channel size = " + channels + ".");
            }
            long[] sizes = new long[x.dim()];
            long[] strides = new long[x.dim()];
            Arrays.fill(sizes, 1);
            sizes[1] = channels;
            strides[1] = weight.strides()[weight.dim() - 1];
            weight = weight.view(sizes, strides);
        } else {
            weight = weight.view(new long[0], new long[0]);
        }
        return c.tensor("aten::where.self", c.tensor("aten::gt.Scalar", x, 0L), x, c.tensor("aten::mul.Tensor", x, weight));
    }

    private static Tensor glu(Args a) {
        Tensor x = a.tensor(0);
        if (x.dim() == 0) throw new ScriptError("glu does not support 0-dimensional tensors");
        int dim = Shapes.wrapDim(a.int64(1), x.dim());
        if (x.size(dim) % 2 != 0) {
            throw new ScriptError("Halving dimension must be even, but dimension " + dim + " is size " + x.size(dim));
        }
        long[] half = x.sizes().clone();
        half[dim] /= 2;
        Tensor value = x.view(half, x.strides());
        Tensor gate = x.view(half, x.strides(), x.offset() + half[dim] * x.strides()[dim]);
        return a.context().tensor("aten::mul.Tensor", value, a.context().tensor("aten::sigmoid", gate));
    }

    private static Tensor rrelu(Args a) {
        Tensor x = a.tensor(0);
        CallContext c = a.context();
        double lower = a.float64(1), upper = a.float64(2);
        if (!a.bool(3)) return c.tensor("aten::leaky_relu", x, (lower + upper) / 2);
        Generator g = a.generator(4);
        Tensor slopes = c.madeOnHost(() -> {
            Tensor made = c.empty(x.dtype(), x.sizes());
            long n = made.numel(), first = g.reserve(n);
            for (long i = 0; i < n; i++) Elements.setDouble(made.data(), x.dtype(), i, lower + (upper - lower) * g.uniform(first + i, 0));
            return made;
        });
        return c.tensor("aten::where.self", c.tensor("aten::gt.Scalar", x, 0L), x, c.tensor("aten::mul.Tensor", x, slopes));
    }
}
