package dev.cresset.kernels.ops.pointwise;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;

/**
 * Complex tensors from and to their parts. Conjugates are computed at once: tensors have no conjugate bit, so that
 * {@code conj} shares no memory with its input, other than in PyTorch.
 */
final class ComplexParts implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::real(Tensor(a) self) -> Tensor(a)").host(a -> a.tensor(0).dtype().isComplex() ? part(a.tensor(0), 0) : a.tensor(0));
        ops.op("aten::imag(Tensor(a) self) -> Tensor(a)").host(a -> {
            if (!a.tensor(0).dtype().isComplex()) throw new ScriptError("imag is not implemented for tensors with non-complex dtypes.");
            return part(a.tensor(0), 1);
        });
        for (String conj : new String[] {"conj", "_conj"}) {
            ops.op("aten::" + conj + "(Tensor(a) self) -> Tensor(a)").host(
                a -> a.tensor(0).dtype().isComplex() ? a.context().tensor("aten::conj_physical", a.tensor(0)) : a.tensor(0));
        }
        ops.op("aten::resolve_conj(Tensor(a) self) -> Tensor(a)").host(a -> a.get(0));
        ops.op("aten::resolve_neg(Tensor(a) self) -> Tensor(a)").host(a -> a.get(0));
        ops.op("aten::positive(Tensor(a) self) -> Tensor(a)").host(a -> {
            if (a.tensor(0).dtype() == dev.cresset.ir.type.ScalarType.BOOL) {
                throw new ScriptError("The `+` operator, on a bool tensor is not supported.");
            }
            return a.get(0);
        });
        ops.op("aten::complex(Tensor real, Tensor imag) -> Tensor").kernel(ComplexParts::pairs, (a, out) -> {
            Elementwise.copy(a.context(), a.tensor(0), part(out, 0));
            Elementwise.copy(a.context(), a.tensor(1), part(out, 1));
        }).everywhere().out();
        ops.op("aten::polar(Tensor abs, Tensor angle) -> Tensor").kernel(ComplexParts::pairs, (a, out) -> {
            CallContext c = a.context();
            Elementwise.copy(c, c.tensor("aten::mul.Tensor", a.tensor(0), c.tensor("aten::cos", a.tensor(1))), part(out, 0));
            Elementwise.copy(c, c.tensor("aten::mul.Tensor", a.tensor(0), c.tensor("aten::sin", a.tensor(1))), part(out, 1));
        }).everywhere().out();
    }

    private static Meta pairs(Args a) {
        Tensor x = a.tensor(0), y = a.tensor(1);
        if (!x.dtype().isFloating() || x.dtype() != y.dtype()) {
            throw new ScriptError("Expected both inputs to be Half, Float or Double tensors of one type but got "
                + x.dtype().printName() + " and " + y.dtype().printName());
        }
        return Meta.of(x.dtype().toComplex(), Shapes.broadcast(x.sizes(), y.sizes()));
    }

    /** A view of the real (0) or imaginary (1) parts. */
    private static Tensor part(Tensor t, int which) {
        long[] strides = t.strides().clone();
        for (int d = 0; d < strides.length; d++) strides[d] *= 2;
        return new Tensor(t.storage(), t.dtype().toReal(), 2 * t.offset() + which, t.sizes(), strides);
    }
}
