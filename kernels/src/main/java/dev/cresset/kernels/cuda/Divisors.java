package dev.cresset.kernels.cuda;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.cuda.code.CheckKernels;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.tensor.Tensor;

/**
 * Integer division by zero. A GPU gives some number for it and so does PyTorch; here it is the error that it is on the CPU, since a look
 * at the divisors costs little where integers are divided at all.
 */
final class Divisors {
    private Divisors() {}

    /** Lets the device look at the tensors by which an expression divides integers. @param tensors by the positions of its loads */
    static void check(CudaStream stream, Expr e, Tensor[] tensors) {
        switch (e) {
            case Expr.Load _, Expr.Param _, Expr.Reduced _, Expr.Const _ -> { }
            case Expr.Unary(var _, Expr x) -> check(stream, x, tensors);
            case Expr.Cast(Expr x, var _) -> check(stream, x, tensors);
            case Expr.Select(Expr condition, Expr yes, Expr no) -> {
                check(stream, condition, tensors);
                check(stream, yes, tensors);
                check(stream, no, tensors);
            }
            case Expr.Binary(var fn, Expr a, Expr b) -> {
                check(stream, a, tensors);
                check(stream, b, tensors);
                boolean divides = switch (fn) {
                    case DIV, FLOOR_DIV, TRUNC_DIV, REMAINDER, FMOD -> true;
                    default -> false;
                };
                Expr divisor = b instanceof Expr.Cast(Expr x, var _) ? x : b;
                if (divides && b.type().isIntegral() && divisor instanceof Expr.Load(int input, var t) && t.isIntegral()) look(stream, tensors[input]);
            }
        }
    }

    private static void look(CudaStream stream, Tensor t) {
        long error = stream.check((_, _) -> new ScriptError("ZeroDivisionError"));
        stream.launch(CheckKernels.zero(t.dtype()), new CheckKernels.Zero(t.address(), error, t.sizes(), t.strides()).slots(), t.numel());
    }
}
