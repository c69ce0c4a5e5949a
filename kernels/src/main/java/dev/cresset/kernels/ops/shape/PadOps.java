package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.cuda.code.LayoutKernels.Map;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Padding. Amounts come in pairs (before, after), the last dimension first; negative ones crop. */
final class PadOps implements OpFamily {
    /** Where the elements around the original ones come from. */
    private enum Mode {
        REFLECT, REPLICATE, CIRCULAR, CONSTANT;

        Map map() { return Map.valueOf(name()); }
    }

    @Override public void declare(Catalog ops) {
        ops.op("aten::constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor")
            .kernel(a -> paddedMeta(a, Mode.CONSTANT), (a, out) -> constant(a.context(), a.tensor(0), a.longs(1), a.get(2), out)).everywhere();
        ops.op("aten::pad(Tensor self, int[] pad, str mode=\"constant\", float? value=None) -> Tensor")
            .kernel(a -> paddedMeta(a, mode(a.str(2))), (a, out) -> padded(a, mode(a.str(2)), out)).everywhere();
        ops.op("aten::_pad_enum(Tensor self, int[] pad, int mode, float? value=None) -> Tensor")
            .kernel(a -> paddedMeta(a, Mode.values()[a.int32(2)]), (a, out) ->
            padded(a, Mode.values()[a.int32(2)], out)).everywhere();
        ops.op("aten::_pad_circular(Tensor self, int[] pad) -> Tensor")
            .kernel(a -> paddedMeta(a, Mode.CIRCULAR), (a, out) -> mapped(a.context(), a.tensor(0), a.longs(1), Mode.CIRCULAR, out)).everywhere();
        for (int rank = 1; rank <= 3; rank++) {
            declare(ops, "reflection", rank, Mode.REFLECT);
            declare(ops, "replication", rank, Mode.REPLICATE);
        }
    }

    private static void declare(Catalog ops, String name, int rank, Mode mode) {
        String head = "aten::" + name + "_pad" + rank + "d";
        String arguments = "(Tensor self, int[" + 2 * rank + "] padding";
        ops.op(head + arguments + ") -> Tensor")
            .kernel(a -> paddedMeta(a.tensor(0), a.longs(1, 2 * rank), mode), (a, out) ->
            mapped(a.context(), a.tensor(0), a.longs(1, 2 * rank), mode, out)).everywhere()
            .alsoAs(head + ".out" + arguments + ", *, Tensor(a!) out) -> Tensor(a!)");
    }

    private static Mode mode(String name) {
        return switch (name) {
            case "constant" -> Mode.CONSTANT;
            case "reflect" -> Mode.REFLECT;
            case "replicate" -> Mode.REPLICATE;
            case "circular" -> Mode.CIRCULAR;
            default -> throw new ScriptError("Unrecognised padding mode " + name);
        };
    }

    private static Meta paddedMeta(Args a, Mode mode) { return paddedMeta(a.tensor(0), a.longs(1), mode); }

    private static Meta paddedMeta(Tensor t, long[] pad, Mode mode) {
        if (pad.length % 2 != 0) {
            throw new ScriptError("Length of pad must be even but instead it equals " + pad.length);
        }
        if (pad.length > 2 * t.dim()) {
            throw new ScriptError("Length of pad should be no more than twice the number of dimensions of the "
                + "input. Pad length is "
                + pad.length + "while the input has " + t.dim() + "dimensions.");
        }
        if (mode != Mode.CONSTANT) checkRank(t, pad, mode);
        long[] sizes = t.sizes().clone();
        for (int k = 0; k < pad.length / 2; k++) {
            int d = t.dim() - 1 - k;
            if (mode != Mode.CONSTANT) check(t, d, pad[2 * k], pad[2 * k + 1], mode);
            sizes[d] += pad[2 * k] + pad[2 * k + 1];
            if (sizes[d] < 1) {
                throw new ScriptError("The input size " + t.sizes()[d] + ", plus negative padding " + pad[2 * k]
                    + " and " + pad[2 * k + 1]
                    + " resulted in a negative output size, which is invalid. Check dimension " + d
                    + " of your input.");
            }
        }
        return Meta.of(t.dtype(), sizes);
    }

    /** Modes other than constant pad all dimensions but one or two leading ones. */
    private static void checkRank(Tensor t, long[] pad, Mode mode) {
        int leading = t.dim() - pad.length / 2;
        if (mode == Mode.CIRCULAR && leading != 2) {
            throw new ScriptError("Invalid padding size, expected " + 2 * Math.max(0, t.dim() - 2) + " but got "
                + pad.length);
        }
        if (pad.length == 0 || pad.length > 6 || leading < 1 || leading > 2) {
            throw new ScriptError("Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now; "
                + "got a tensor of "
                + t.dim() + " dimensions and pad " + Arrays.toString(pad));
        }
    }

    private static void check(Tensor t, int d, long before, long after, Mode mode) {
        long n = t.sizes()[d];
        if (n == 0) {
            throw new ScriptError("Expected non-zero size of padded dimension " + d + ", but got: "
                + Arrays.toString(t.sizes()));
        }
        if (mode == Mode.REFLECT && (before >= n || after >= n)) {
            throw new ScriptError("Argument #4: Padding size should be less than the corresponding input "
                + "dimension, but got: padding ("
                + before + ", " + after + ") at dimension " + d + " of input " + Arrays.toString(t.sizes()));
        }
        if (mode == Mode.CIRCULAR && (before > n || after > n)) {
            throw new ScriptError("Padding value causes wrapping around more than once.");
        }
    }

    private static void padded(Args a, Mode mode, Tensor out) {
        if (mode == Mode.CONSTANT) {
            constant(a.context(), a.tensor(0), a.longs(1), a.isNone(3) ? (Object) 0L : a.get(3), out);
        } else {
            if (!a.isNone(3) && a.float64(3) != 0) {
                throw new ScriptError("Padding mode \"" + mode.name()
                    .toLowerCase(java.util.Locale.ROOT) + "\" doesn't take in value argument");
            }
            mapped(a.context(), a.tensor(0), a.longs(1), mode, out);
        }
    }

    private static void constant(CallContext c, Tensor t, long[] pad, Object value, Tensor out) {
        Fill.dense(c, out, value);
        Tensor from = t;
        Tensor to = out;
        for (int k = 0; k < pad.length / 2; k++) {
            int d = t.dim() - 1 - k;
            long before = pad[2 * k];
            long after = pad[2 * k + 1];
            long n = Math.max(0, t.sizes()[d] + Math.min(before, 0) + Math.min(after, 0));
            from = Views.narrow(from, d, Math.min(from.sizes()[d] - n, Math.max(0, -before)), n);
            to = Views.narrow(to, d, Math.min(to.sizes()[d] - n, Math.max(0, before)), n);
        }
        if (from.numel() > 0) Elementwise.copy(c, from, to);
    }

    private static void mapped(CallContext c, Tensor t, long[] pad, Mode mode, Tensor out) {
        Positions[] positions = Positions.same(t.dim());
        Tensor from = t;
        for (int k = 0; k < pad.length / 2; k++) {
            int d = t.dim() - 1 - k;
            long before = pad[2 * k];
            long after = pad[2 * k + 1];
            if (before == 0 && after == 0) continue;
            if (mode == Mode.CIRCULAR) {   // what was cropped does not come around again
                long first = Math.max(0, -before);
                from = Views.narrow(from, d, first, t.sizes()[d] - first - Math.max(0, -after));
                before = Math.max(0, before);
            }
            positions[d] = new Positions(mode.map(), before);
        }
        MappedCopy.run(c, from, out, positions);
    }
}
