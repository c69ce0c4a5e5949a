package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.ops.CudaReduce;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;

/** Largest and smallest elements with and without their index; any and all. NaN wins every comparison. */
final class ExtremeOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        declareExtremes(ops, "max", true, "max", "max_values");
        declareExtremes(ops, "min", false, "min", "min_indices");
        String tail = "(Tensor self, *, int? dim=None, bool keepdim=False";
        ops.op("aten::aminmax" + tail + ") -> (Tensor min, Tensor max)").kernels(ExtremeOps::aminmaxShape, ExtremeOps::aminmax)
            .cudas(ExtremeOps::aminmaxOnDevice)
            .alsoAs("aten::aminmax.out" + tail + ", Tensor(a!) min, Tensor(b!) max) -> (Tensor(a!) min, Tensor(b!) max)");
        ops.op("aten::_aminmax(Tensor self) -> (Tensor, Tensor)")
            .composite(a -> a.context().call("aten::aminmax", a.tensor(0)));
        ops.op("aten::_aminmax.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor, Tensor)")
            .composite(a -> a.context().call("aten::aminmax", a.tensor(0), a.get(1), a.get(2)));
        declareTruth(ops, "any", true);
        declareTruth(ops, "all", false);
    }

    private static void declareExtremes(Catalog ops, String name, boolean largest, String values, String indices) {
        ops.op("aten::" + name + "(Tensor self) -> Tensor")
            .kernel(a -> Meta.of(a.tensor(0).dtype()), (a, out) -> extreme(a, Dims.all(a.tensor(0)), largest, name, out))
            .cuda((a, out) -> extremeOnDevice(a, Dims.all(a.tensor(0)), largest, name, out));
        ops.op("aten::" + name + ".dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)")
            .kernels(a -> alongShape(a, name), (a, out) -> indexed(a, a.tensor(0), Dims.one(a, 1), largest, out))
            .cudas((a, out) -> CudaReduce.run(a.context(), indexed(largest), a.tensor(0), Dims.one(a, 1), out))
            .alsoAs("aten::" + name + ".dim_" + name + "(Tensor self, int dim, bool keepdim=False, *, Tensor(a!) " + values
                + ", Tensor(b!) " + indices + ") -> (Tensor(a!) values, Tensor(b!) indices)");
        String dims = "(Tensor self, int[1] dim=[], bool keepdim=False";
        ops.op("aten::a" + name + dims + ") -> Tensor")
            .kernel(a -> Dims.meta(a.tensor(0).dtype(), a.tensor(0), Dims.list(a, 1), a.bool(2)),
                (a, out) -> extreme(a, Dims.list(a, 1), largest, "a" + name, out))
            .cuda((a, out) -> extremeOnDevice(a, Dims.list(a, 1), largest, "a" + name, out))
            .alsoAs("aten::a" + name + ".out" + dims + ", *, Tensor(a!) out) -> Tensor(a!)");
        String arg = "(Tensor self, int? dim=None, bool keepdim=False";
        ops.op("aten::arg" + name + arg + ") -> Tensor").kernel(a -> argShape(a, "arg" + name), (a, out) -> arg(a, largest, out))
            .cuda((a, out) -> CudaReduce.run(a.context(), indexed(largest), a.tensor(0), Dims.one(a, 1), out))
            .alsoAs("aten::arg" + name + ".out" + arg + ", *, Tensor(a!) out) -> Tensor(a!)");
    }

    private static void declareTruth(Catalog ops, String name, boolean any) {
        ops.op("aten::" + name + "(Tensor self) -> Tensor")
            .kernel(a -> Meta.of(truthType(a)), (a, out) -> truth(a, Dims.all(a.tensor(0)), any, out))
            .cuda((a, out) -> CudaReduce.run(a.context(), any ? Operator.ANY : Operator.ALL, a.tensor(0), Dims.all(a.tensor(0)), out))
            .alsoAs("aten::" + name + ".all_out(Tensor self, *, Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::" + name + ".dim(Tensor self, int dim, bool keepdim=False) -> Tensor")
            .kernel(a -> Dims.meta(truthType(a), a.tensor(0), Dims.one(a, 1), a.bool(2)), (a, out) -> truth(a, Dims.one(a, 1), any, out))
            .cuda((a, out) -> CudaReduce.run(a.context(), any ? Operator.ANY : Operator.ALL, a.tensor(0), Dims.one(a, 1), out))
            .alsoAs("aten::" + name + ".out(Tensor self, int dim, bool keepdim=False, *, Tensor(a!) out) -> Tensor(a!)");
    }

    /** uint8 stands for bool in old programs and stays. */
    private static ScalarType truthType(Args a) { return a.tensor(0).dtype() == ScalarType.UINT8 ? ScalarType.UINT8 : ScalarType.BOOL; }

    private static void truth(Args a, boolean[] mask, boolean any, Tensor out) {
        Tensor t = a.tensor(0);
        Tensor in = t.dtype().isComplex() ? a.context().tensor("aten::ne.Scalar", t, 0L) : t;
        double n = Dims.count(t, mask);
        new Reduction(in, mask).run(a.context().threads(),
            () -> new DoubleFold(DoubleFold.Kind.NONZERO, 1, c -> (any ? c > 0 : c == n) ? 1 : 0), out);
    }

    private static Meta[] alongShape(Args a, String name) {
        Tensor t = a.tensor(0);
        boolean[] mask = Dims.one(a, 1);
        Dims.requireElements(t, mask, name);
        return new Meta[] {Dims.meta(t.dtype(), t, mask, a.bool(2)), Dims.meta(ScalarType.INT64, t, mask, a.bool(2))};
    }

    static void indexed(Args a, Tensor in, boolean[] mask, boolean largest, Tensor... out) {
        new Reduction(in, mask).run(a.context().threads(), () -> new IndexFold(in.dtype().isIntegral(), largest), out);
    }

    private static Operator indexed(boolean largest) { return largest ? Operator.ARGMAX : Operator.ARGMIN; }

    private static void requireIdentity(Tensor t, boolean[] mask, String name, Tensor out) {
        if (Dims.count(t, mask) == 0 && out.numel() > 0) {
            throw new ScriptError(name + "(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
                + "with the 'dim' argument.");
        }
    }

    private static void extremeOnDevice(Args a, boolean[] mask, boolean largest, String name, Tensor out) {
        requireIdentity(a.tensor(0), mask, name, out);
        CudaReduce.run(a.context(), largest ? Operator.MAX : Operator.MIN, a.tensor(0), mask, out);
    }

    private static void extreme(Args a, boolean[] mask, boolean largest, String name, Tensor out) {
        Tensor t = a.tensor(0);
        requireIdentity(t, mask, name, out);
        if (t.dtype().isIntegral()) {
            LongFold.Kind kind = largest ? LongFold.Kind.MAX : LongFold.Kind.MIN;
            new Reduction(t, mask).run(a.context().threads(), () -> new LongFold(kind), out);
        } else {
            DoubleFold.Kind kind = largest ? DoubleFold.Kind.MAX : DoubleFold.Kind.MIN;
            new Reduction(t, mask).run(a.context().threads(), () -> new DoubleFold(kind), out);
        }
    }

    private static Meta argShape(Args a, String name) {
        Tensor t = a.tensor(0);
        boolean[] mask = Dims.one(a, 1);
        if (a.isNone(1) && t.numel() == 0) {
            throw new ScriptError("IndexError", name + "(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
                + "reduction dim with the 'dim' argument.");
        }
        Dims.requireElements(t, mask, name);
        return Dims.meta(ScalarType.INT64, t, mask, a.bool(2));
    }

    private static void arg(Args a, boolean largest, Tensor out) {
        Tensor t = a.isNone(1) ? Dims.contiguous(a.context(), a.tensor(0)) : a.tensor(0);
        indexed(a, t, Dims.one(a, 1), largest, out);
    }

    private static Meta[] aminmaxShape(Args a) {
        Tensor t = a.tensor(0);
        boolean[] mask = Dims.one(a, 1);
        if (Dims.count(t, mask) == 0 && Shapes.numel(Dims.sizes(t, mask, false)) > 0) {
            throw new ScriptError("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.");
        }
        Meta m = Dims.meta(t.dtype(), t, mask, a.bool(2));
        return new Meta[] {m, m};
    }

    private static void aminmax(Args a, Tensor[] out) {
        extreme(a, Dims.one(a, 1), false, "aminmax", out[0]);
        extreme(a, Dims.one(a, 1), true, "aminmax", out[1]);
    }

    private static void aminmaxOnDevice(Args a, Tensor[] out) {
        extremeOnDevice(a, Dims.one(a, 1), false, "aminmax", out[0]);
        extremeOnDevice(a, Dims.one(a, 1), true, "aminmax", out[1]);
    }
}
