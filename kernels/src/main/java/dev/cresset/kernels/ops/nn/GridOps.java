package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.Parallel;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.GridKernels;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Sampling images at the points of a grid, and making affine grids. */
final class GridOps implements OpFamily {
    private static final String ARGUMENTS = "(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor";

    @Override public void declare(Catalog ops) {
        for (String name : new String[] {"grid_sampler", "grid_sampler_2d", "grid_sampler_3d", "_grid_sampler_2d_cpu_fallback"}) {
            ops.op("aten::" + name + ARGUMENTS).kernel(GridOps::meta, GridOps::sample).cuda(GridOps::onDevice);
        }
        ops.op("aten::affine_grid_generator(Tensor theta, int[] size, bool align_corners) -> Tensor")
            .composite(a -> affineGrid(a.context(), a.tensor(0), a.longs(1), a.bool(2)));
    }

    private static Meta meta(Args a) {
        Tensor t = a.tensor(0), grid = a.tensor(1);
        int spatial = t.dim() - 2;
        if (spatial < 2 || spatial > 3 || grid.dim() != t.dim() || grid.size(0) != t.size(0) || grid.size(-1) != spatial) {
            throw new ScriptError("grid_sampler(): expected an input of 4 or 5 dimensions and a grid with the same batch size and a last "
                + "dimension of their number of spatial dimensions, but got sizes " + Arrays.toString(t.sizes()) + " and "
                + Arrays.toString(grid.sizes()));
        }
        if (spatial == 3 && a.int64(2) == 2) throw new ScriptError("grid_sampler(): bicubic interpolation only supports 4D input");
        long[] sizes = grid.sizes().clone();
        for (int d = sizes.length - 1; d > 1; d--) sizes[d] = sizes[d - 1];
        sizes[1] = t.size(1);
        return Meta.of(t.dtype(), sizes);
    }

    private static void sample(Args a, Tensor out) {
        if (out.numel() == 0) return;
        Tensor t = a.tensor(0);
        int channels = (int) t.size(1), points = (int) (out.numel() / channels / out.size(0)), plane = (int) Convolve.pixels(t);
        GridSampler sampler = new GridSampler(t.sizes(), a.int32(2), a.int32(3), a.bool(4), t.dtype() == ScalarType.FLOAT64);
        double[] in = Heap.doubles(t), grid = Heap.doubles(a.tensor(1)), result = new double[(int) out.numel()];
        int rank = t.dim() - 2;
        Parallel.forRange(a.context().threads(), out.size(0) * points, 1024, (from, to) -> {
            GridSampler s = sampler.copy();
            for (long p = from; p < to; p++) {
                int n = (int) (p / points), at = (int) (p % points);
                s.aim(grid, (int) p * rank);
                for (int c = 0; c < channels; c++) {
                    int image = n * channels + c;
                    result[image * points + at] = s.value(in, image * plane);
                }
            }
        });
        Heap.store(result, out);
    }

    private static void onDevice(Args a, Tensor out) {
        Tensor grid = a.tensor(1);
        int spatial = out.dim() - 2;
        Tensor image = Pool.five(a.tensor(0), spatial), to = Pool.five(out, spatial);
        Tensor points = grid.dtype() == out.dtype() ? grid : a.context().tensor("aten::to.dtype", grid, (long) out.dtype().code());
        if (spatial == 2) points = Views.unsqueeze(points, 1);
        var arguments = new GridKernels.Arguments(image.address(), points.address(), out.address(), spatial, a.int64(2), a.int64(3), a.bool(4),
            to.sizes(), Arrays.copyOfRange(image.sizes(), 2, 5), image.strides(), points.strides(), to.strides());
        CudaCall.stream(a.context()).launch(GridKernels.sample(out.dtype()), arguments.slots(), out.numel() == 0 ? 0 : out.numel() / out.size(1));
    }

    /** The points of a regular grid over [-1, 1] in each dimension, times the matrix of each image. */
    private static Tensor affineGrid(CallContext c, Tensor theta, long[] size, boolean align) {
        int spatial = size.length - 2;
        long points = 1;
        for (int d = 2; d < size.length; d++) points *= size[d];
        double[] base = new double[(int) points * (spatial + 1)];
        for (int p = 0; p < points; p++) {
            int rest = p;
            for (int d = spatial - 1; d >= 0; d--) {
                long n = size[d + 2];
                int i = rest % (int) n;
                rest /= (int) n;
                double x = n <= 1 ? 0 : -1 + 2.0 * i / (n - 1);
                base[p * (spatial + 1) + spatial - 1 - d] = align ? x : x * (n - 1) / n;
            }
            base[p * (spatial + 1) + spatial] = 1;
        }
        long[] shape = {1, points, spatial + 1};
        Tensor grid = c.madeOnHost(() -> {
            Tensor t = c.empty(theta.dtype(), shape);
            Heap.store(base, t);
            return t;
        });
        Tensor out = c.tensor("aten::matmul", grid, Views.transpose(theta, 1, 2));
        long[] image = new long[spatial + 2];
        image[0] = theta.size(0);
        System.arraycopy(size, 2, image, 1, spatial);
        image[spatial + 1] = spatial;
        return Views.view(out, image);
    }
}
