package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.cuda.code.LayoutKernels.Map;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** The same elements elsewhere: repeating, rolling, flipping, shuffling pixels and channels. */
final class RearrangeOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        declareRepeats(ops);
        declareFlips(ops);
        ops.op("aten::pixel_shuffle(Tensor self, int upscale_factor) -> Tensor").composite(RearrangeOps::pixelShuffle);
        ops.op("aten::pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor")
            .composite(RearrangeOps::pixelUnshuffle);
        ops.op("aten::channel_shuffle(Tensor self, int groups) -> Tensor").composite(RearrangeOps::channelShuffle);
        ops.op("aten::native_channel_shuffle(Tensor self, int groups) -> Tensor")
            .composite(RearrangeOps::channelShuffle);
        ops.op("aten::im2col(Tensor self, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> "
            + "Tensor")
            .composite(WindowOps::im2col);
        ops.op("aten::col2im(Tensor self, SymInt[2] output_size, int[2] kernel_size, int[2] dilation, int[2] "
            + "padding, int[2] stride)"
            + " -> Tensor").composite(WindowOps::col2im);
    }

    private static void declareRepeats(Catalog ops) {
        ops.op("aten::repeat(Tensor self, SymInt[] repeats) -> Tensor")
            .composite(a -> repeat(a.context(), a.tensor(0), a.longs(1)));
        ops.op("aten::tile(Tensor self, int[] dims) -> Tensor").composite(a -> {
            long[] dims = a.longs(1);
            long[] ones = LongStream.generate(() -> 1).limit(Math.max(0, a.tensor(0).dim() - dims.length)).toArray();
            return repeat(a.context(), a.tensor(0), LongStream.concat(Arrays.stream(ones), Arrays.stream(dims))
                .toArray());
        });
        ops.op("aten::repeat_interleave.Tensor(Tensor repeats, *, int? output_size=None) -> Tensor")
            .composite(a -> repeatedPositions(a.context(), a.tensor(0), a.int64Or(1, -1)));
        ops.op("aten::repeat_interleave.self_Tensor(Tensor self, Tensor repeats, int? dim=None, *, int? "
            + "output_size=None) -> Tensor")
            .composite(RearrangeOps::repeatEach);
        ops.op("aten::repeat_interleave.self_int(Tensor self, int repeats, int? dim=None, *, int? "
            + "output_size=None) -> Tensor")
            .composite(a -> interleave(a.context(), line(a), dim(a), a.int64(1)));
    }

    private static void declareFlips(Catalog ops) {
        ops.op("aten::flip(Tensor self, int[] dims) -> Tensor")
            .composite(a -> flip(a.context(), a.tensor(0), a.longs(1)));
        ops.op("aten::fliplr(Tensor self) -> Tensor").composite(a -> {
            if (a.tensor(0).dim() < 2) throw new ScriptError("Input must be >= 2-d.");
            return flip(a.context(), a.tensor(0), 1);
        });
        ops.op("aten::flipud(Tensor self) -> Tensor").composite(a -> {
            if (a.tensor(0).dim() < 1) throw new ScriptError("Input must be >= 1-d.");
            return flip(a.context(), a.tensor(0), 0);
        });
        ops.op("aten::rot90(Tensor self, int k=1, int[] dims=[0, 1]) -> Tensor").composite(RearrangeOps::rotate);
        ops.op("aten::roll(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor").composite(RearrangeOps::roll);
    }

    /** Repeats dimension-wise by showing the result with a separate dimension for each count. */
    private static Tensor repeat(CallContext context, Tensor t, long[] repeats) {
        int extra = repeats.length - t.dim();
        if (extra < 0) {
            throw new ScriptError("Number of dimensions of repeat dims can not be smaller than number of "
                + "dimensions of tensor");
        }
        int n = repeats.length;
        long[] sizes = new long[n];
        long[] interleaved = new long[2 * n];
        long[] spread = new long[2 * n];
        for (int d = 0; d < n; d++) {
            long size = d < extra ? 1 : t.sizes()[d - extra];
            if (repeats[d] < 0) throw new ScriptError("Repeats cannot be negative: " + Arrays.toString(repeats));
            sizes[d] = size * repeats[d];
            interleaved[2 * d] = repeats[d];
            interleaved[2 * d + 1] = size;
            spread[2 * d] = 1;
            spread[2 * d + 1] = size;
        }
        Tensor out = context.empty(t.dtype(), sizes);
        if (out.numel() > 0) Elementwise.copy(context, Views.view(t, spread), Views.view(out, interleaved));
        return out;
    }

    /** The tensor to repeat: flat if no dimension is given. */
    private static Tensor line(Args a) {
        return a.isNone(2) ? ViewOps.reshape(a.context(), a.tensor(0), -1) : a.tensor(0);
    }

    private static int dim(Args a) { return a.isNone(2) ? 0 : Shapes.wrapDim(a.int64(2), a.tensor(0).dim()); }

    private static Tensor interleave(CallContext context, Tensor input, int dim, long repeats) {
        if (repeats < 0) throw new ScriptError("Repeats must be non-negative");
        Tensor t = input.dim() == 0 ? Views.unsqueeze(input, 0) : input;
        long[] sizes = t.sizes().clone();
        sizes[dim] *= repeats;
        Tensor out = context.empty(t.dtype(), sizes);
        if (out.numel() > 0) {
            Tensor apart = Views.view(out, Views.with(t.sizes(), dim + 1, repeats));
            Elementwise.copy(context, Views.unsqueeze(t, dim + 1), apart);
        }
        return out;
    }

    private static Tensor repeatedPositions(CallContext context, Tensor repeats, long size) {
        if (repeats.dim() != 1) throw new ScriptError("repeat_interleave only accept 1D vector as repeat");
        if (!repeats.dtype().isIntegral()) throw new ScriptError("repeats has to be Long or Int tensor");
        if (context.isOnDevice()) return repeatedOnDevice(context, repeats, size);
        long[] counts = repeats.toLongArray();
        for (long c : counts) if (c < 0) throw new ScriptError("repeats can not be negative");
        long[] positions = new long[Math.toIntExact(Arrays.stream(counts).sum())];
        int at = 0;
        for (int i = 0; i < counts.length; i++) {
            Arrays.fill(positions, at, at + (int) counts[i], i);
            at += (int) counts[i];
        }
        Tensor out = context.empty(repeats.dtype(), positions.length);
        for (int i = 0; i < positions.length; i++) {
            dev.cresset.tensor.Elements.setLong(out.data(), out.dtype(), i, positions[i]);
        }
        return out;
    }

    /** The place of each result among the ends of the repeats; how many there are is read back if it is not given. */
    private static Tensor repeatedOnDevice(CallContext c, Tensor repeats, long size) {
        Tensor ends = c.tensor("aten::cumsum", repeats, 0L);
        long n = repeats.numel();
        long total = n == 0 ? 0 : size;
        if (total < 0) {
            Tensor least = c.tensor("aten::to.dtype", c.tensor("aten::min", repeats), (long) ends.dtype().code());
            long[] both = c.tensor("aten::stack", List.of(least, Views.select(ends, 0, n - 1)), 0L).toLongArray();
            if (both[0] < 0) throw new ScriptError("repeats can not be negative");
            total = both[1];
        }
        Tensor places = c.tensor("aten::searchsorted.Tensor", ends, c.tensor("aten::arange", total), false, true);
        return c.tensor("aten::to.dtype", places, (long) repeats.dtype().code());
    }

    private static Object repeatEach(Args a) {
        Tensor t = line(a);
        if (t.dim() == 0) t = Views.unsqueeze(t, 0);
        Tensor repeats = a.tensor(1);
        long n = t.sizes()[dim(a)];
        if (repeats.dim() > 1) throw new ScriptError("repeats must be 0-dim or 1-dim tensor");
        if (repeats.numel() == 1) repeats = ViewOps.copy(a.context(), Views.expand(Views.view(repeats, 1), n));
        if (repeats.numel() != n) throw new ScriptError("repeats must have the same size as input along dim");
        return a.context().call("aten::index_select", t, (long) dim(a), repeatedPositions(a.context(), repeats, a.int64Or(3, -1)));
    }

    private static Tensor mapped(CallContext context, Tensor t, Positions[] positions) {
        Tensor out = context.empty(t.dtype(), t.sizes());
        if (out.numel() > 0) MappedCopy.run(context, t, out, positions);
        return out;
    }

    private static Tensor flip(CallContext context, Tensor t, long... dims) {
        Positions[] positions = Positions.same(t.dim());
        boolean[] seen = new boolean[Math.max(1, t.dim())];
        for (long dim : dims) {
            int d = Shapes.wrapDim(dim, t.dim());
            if (seen[d]) throw new ScriptError("dim " + d + " appears multiple times in the list of dims");
            seen[d] = true;
            if (t.dim() > 0) positions[d] = Positions.FLIPPED;
        }
        return mapped(context, t, positions);
    }

    private static Object rotate(Args a) {
        Tensor t = a.tensor(0);
        long[] dims = a.longs(2);
        if (dims.length != 2) throw new ScriptError("expected total rotation dims == 2, but got dims = " + dims.length);
        if (t.dim() < 2) throw new ScriptError("expected total dims >= 2, but got total dims = " + t.dim());
        if (Shapes.wrapDim(dims[0], t.dim()) == Shapes.wrapDim(dims[1], t.dim())) {
            throw new ScriptError("expected rotation dims to be different, but got dim0 = " + dims[0] + " and dim1 = "
                + dims[1]);
        }
        return switch ((int) Math.floorMod(a.int64(1), 4L)) {
            case 1 -> Views.transpose(flip(a.context(), t, dims[1]), dims[0], dims[1]);
            case 2 -> flip(a.context(), t, dims);
            case 3 -> Views.transpose(flip(a.context(), t, dims[0]), dims[0], dims[1]);
            default -> ViewOps.copy(a.context(), t);
        };
    }

    private static Object roll(Args a) {
        Tensor t = a.tensor(0);
        long[] shifts = a.longs(1);
        long[] dims = a.longs(2);
        if (shifts.length == 0) throw new ScriptError("`shifts` required");
        if (dims.length == 0 && shifts.length == 1) {
            Tensor flat = ViewOps.reshape(a.context(), t, -1);
            return Views.view(mapped(a.context(), flat, new Positions[] {shifted(shifts[0])}), t.sizes());
        }
        if (shifts.length != dims.length) {
            throw new ScriptError("shifts and dimensions must align. shifts: " + shifts.length + ", dims:"
                + dims.length);
        }
        long[] total = new long[t.dim()];
        if (t.dim() == 0) throw new ScriptError("Dimension specified as " + dims[0] + " but tensor has no dimensions");
        for (int i = 0; i < dims.length; i++) total[Shapes.wrapDim(dims[i], t.dim())] += shifts[i];
        Positions[] positions = Positions.same(t.dim());
        for (int d = 0; d < t.dim(); d++) if (total[d] != 0) positions[d] = shifted(total[d]);
        return mapped(a.context(), t, positions);
    }

    private static Positions shifted(long shift) { return new Positions(Map.CIRCULAR, shift); }

    /** C·r·r channels become r times the height and width. */
    private static Object pixelShuffle(Args a) {
        Tensor t = a.tensor(0);
        long r = a.int64(1);
        checkImage(t, r, "pixel_shuffle", "upscale_factor");
        int n = t.dim();
        long[] s = t.sizes();
        if (s[n - 3] % (r * r) != 0) {
            throw new ScriptError("pixel_shuffle expects its input's 'channel' dimension to be divisible by the "
                + "square of upscale_factor, "
                + "but input.size(-3)=" + s[n - 3] + " is not divisible by " + r * r);
        }
        long c = s[n - 3] / (r * r);
        Tensor apart = ViewOps.reshape(a.context(), t, batch(t, c, r, r, s[n - 2], s[n - 1]));
        return Views.view(ViewOps.copy(a.context(), reordered(apart, 0, 3, 1, 4, 2)),
            batch(t, c, s[n - 2] * r, s[n - 1] * r));
    }

    private static Object pixelUnshuffle(Args a) {
        Tensor t = a.tensor(0);
        long r = a.int64(1);
        checkImage(t, r, "pixel_unshuffle", "downscale_factor");
        int n = t.dim();
        long[] s = t.sizes();
        for (int d = n - 2; d < n; d++) {
            if (s[d] % r != 0) {
                throw new ScriptError("pixel_unshuffle expects " + (d == n - 2 ? "height" : "width")
                    + " to be divisible by downscale_factor, but input.size(" + (d - n) + ")=" + s[d]
                    + " is not divisible by " + r);
            }
        }
        Tensor apart = ViewOps.reshape(a.context(), t, batch(t, s[n - 3], s[n - 2] / r, r, s[n - 1] / r, r));
        return Views.view(ViewOps.copy(a.context(), reordered(apart, 0, 2, 4, 1, 3)),
            batch(t, s[n - 3] * r * r, s[n - 2] / r, s[n - 1] / r));
    }

    private static void checkImage(Tensor t, long factor, String name, String argument) {
        if (t.dim() < 3) {
            throw new ScriptError(name + " expects input to have at least 3 dimensions, but got input with " + t.dim()
                + " dimension(s)");
        }
        if (factor <= 0) throw new ScriptError(name + " expects a positive " + argument + ", but got " + factor);
    }

    /** The leading dimensions of an image tensor, followed by these. */
    private static long[] batch(Tensor t, long... rest) {
        return LongStream.concat(Arrays.stream(t.sizes(), 0, t.dim() - 3), Arrays.stream(rest)).toArray();
    }

    /** The last dimensions in another order. */
    private static Tensor reordered(Tensor t, int... order) {
        int lead = t.dim() - order.length;
        return Views.permute(t, LongStream.range(0, t.dim()).map(d -> d < lead ? d : lead + order[(int) d - lead])
            .toArray());
    }

    private static Object channelShuffle(Args a) {
        Tensor t = a.tensor(0);
        long groups = a.int64(1);
        if (t.dim() < 3) {
            throw new ScriptError("channel_shuffle expects input with > 2 dims, but got input with sizes "
                + Arrays.toString(t.sizes()));
        }
        long c = t.sizes()[1];
        if (groups <= 0) {
            throw new ScriptError("Number of groups to divide channels in must be positive. Value of groups:" + groups);
        }
        if (c % groups != 0) {
            throw new ScriptError("Number of channels must be divisible by groups. Got " + c + " channels and "
                + groups + " groups.");
        }
        long[] apart =
            LongStream.concat(LongStream.of(t.sizes()[0], groups, c / groups), Arrays.stream(t.sizes(), 2, t.dim()))
                .toArray();
        Tensor swapped = Views.transpose(ViewOps.reshape(a.context(), t, apart), 1, 2);
        return Views.view(ViewOps.copy(a.context(), swapped), t.sizes());
    }
}
