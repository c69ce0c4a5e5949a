package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.DnnWorkshop;
import dev.cresset.kernels.cuda.PackedConstants;
import dev.cresset.kernels.cuda.driver.CudaUnsupportedException;
import dev.cresset.kernels.cuda.driver.RnnDescriptor;
import dev.cresset.kernels.cuda.driver.RnnDescriptor.Algorithm;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Recurrent layers by cuDNN, all in one call. Weights that are constants are packed into cuDNN's order once for a device.
 *
 * <p>Note [Persistent layers]. cuDNN's persistent kernels keep the state's weights on the chip, so they need all of it at once. They
 * are taken where PyTorch takes them: for one layer and direction of LSTM or a plain cell on float16 without projection and padding,
 * sizes that are multiples of 128 up to 1024, batches that are multiples of 8 up to 128 (below 96 where a plain cell is large), on
 * datacenter devices of compute capability 8.0 and later with at least 98 multiprocessors, 8.6 not among them. Where cuDNN refuses,
 * the standard way is taken.
 */
public final class CudaRecurrent {
    private static final int FIRST_WITH_PERSISTENT = 80, WITHOUT_PERSISTENT = 86, ENOUGH_MULTIPROCESSORS = 98;

    private CudaRecurrent() {}

    /** The result and the last states; null if cuDNN does not compute it. */
    public static Tensor[] run(CallContext context, RecurrentCall call) {
        ScalarType type = call.input().dtype();
        boolean taken = type == ScalarType.FLOAT32 || type == ScalarType.FLOAT64 || type == ScalarType.FLOAT16;
        if (!taken || !call.isRegular()) return null;
        CudaStream stream = CudaCall.stream(context);
        Tensor[][] out = {null};
        stream.dnn(workshop -> {
            if (maybePersistent(call, stream)) out[0] = run(context, call, workshop, Algorithm.PERSISTENT);
            if (out[0] == null) out[0] = run(context, call, workshop, Algorithm.STANDARD);
        });
        return out[0];
    }

    private static boolean maybePersistent(RecurrentCall c, CudaStream stream) {
        int capability = stream.owner().capability();
        boolean device = capability >= FIRST_WITH_PERSISTENT && capability != WITHOUT_PERSISTENT
            && stream.owner().multiprocessors() >= ENOUGH_MULTIPROCESSORS;
        boolean shape = c.positions() == 1 && !c.projects() && !c.isPacked() && c.hidden() % 128 == 0 && c.hidden() <= 1024
            && c.inputs() % 128 == 0 && c.batch() % 8 == 0 && c.batch() <= 128;
        boolean cell = c.cell() == RnnDescriptor.Cell.LSTM || c.cell() != RnnDescriptor.Cell.GRU && (c.batch() < 96 || c.hidden() < 896);
        return c.input().dtype() == ScalarType.FLOAT16 && device && shape && cell;
    }

    private static Tensor[] run(CallContext context, RecurrentCall call, DnnWorkshop workshop, Algorithm algorithm) {
        RecurrentHandle.Layers layers = RecurrentHandle.Layers.of(call, algorithm, CudaCall.precision(context));
        List<Integer> lengths = call.isPacked() ? Arrays.stream(call.lengths()).boxed().toList() : null;
        RecurrentHandle.Key key = new RecurrentHandle.Key(layers, call.batchFirst(), call.steps(), call.batch(), lengths);
        RecurrentHandle handle = workshop.prepared(key, RecurrentHandle.class, dnn -> new RecurrentHandle(dnn, key));
        if (!handle.isSupported()) return null;
        try {
            return run(context, call, handle, layers);
        } catch (CudaUnsupportedException e) {
            handle.refuse();
            return null;
        }
    }

    private static Tensor[] run(CallContext context, RecurrentCall call, RecurrentHandle handle, RecurrentHandle.Layers layers) {
        Tensor[] out = new Tensor[1 + call.initial().length];
        out[0] = context.empty(call.input().dtype(), call.outSizes());
        for (int i = 1; i < out.length; i++) out[i] = context.empty(call.input().dtype(), call.initial()[i - 1].sizes());
        Tensor x = rowMajor(context, call.input()), h = rowMajor(context, call.initial()[0]);
        Tensor c = out.length > 2 ? rowMajor(context, call.initial()[1]) : null;
        long workspace = handle.workspaceBytes() == 0 ? 0 : context.empty(ScalarType.UINT8, handle.workspaceBytes()).address();
        boolean constant = call.parameters().stream().allMatch(p -> p.storage().isConstant());
        if (constant) {
            CudaStream stream = CudaCall.stream(context);
            try (PackedConstants.Entry weights = stream.owner().packed().enter(call.parameters(), layers, handle.weightBytes(), stream,
                space -> pack(context, call, handle, space))) {
                run(handle, x, h, c, out, weights.address(), workspace);
            }
        } else {
            long space = context.empty(ScalarType.UINT8, handle.weightBytes()).address();
            pack(context, call, handle, space);
            run(handle, x, h, c, out, space, workspace);
        }
        return out;
    }

    private static void run(RecurrentHandle handle, Tensor x, Tensor h, Tensor c, Tensor[] out, long weights, long workspace) {
        handle.run(x.address(), out[0].address(), h.address(), out[1].address(), c == null ? 0 : c.address(), c == null ? 0 : out[2].address(),
            weights, workspace);
    }

    /** What lies between the weights in their space is 0: cuDNN does not say whether it reads it. */
    private static void pack(CallContext context, RecurrentCall call, RecurrentHandle handle, long space) {
        Tensor[] parameters = call.parameters().stream().map(p -> rowMajor(context, p)).toArray(Tensor[]::new);
        CudaStream stream = CudaCall.stream(context);
        stream.fill(space, handle.weightBytes());
        for (RecurrentHandle.Piece p : handle.pieces(space)) stream.copy(parameters[p.parameter()].address() + p.from(), space + p.to(), p.bytes());
    }

    /** At an address that the wide accesses of its kernels may want. */
    private static Tensor rowMajor(CallContext context, Tensor t) {
        Tensor packed = context.tensor("aten::contiguous", t);
        if (packed.address() % CudaConvolution.ALIGNMENT == 0) return packed;
        Tensor copy = context.empty(t.dtype(), t.sizes());
        Elementwise.copy(context, packed, copy);
        return copy;
    }
}
