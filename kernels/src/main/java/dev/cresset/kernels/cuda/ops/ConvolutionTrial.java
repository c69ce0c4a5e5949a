package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.MeasuredChoices;
import dev.cresset.kernels.cuda.driver.OutOfDeviceMemoryException;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.ops.nn.ConvolutionCall;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Runs ways to do a convolution for their times, on zeros in memory of its own. */
final class ConvolutionTrial {
    private final CallContext context;
    private final ConvolutionCall call;
    private final boolean channelsLast;
    private final CudaStream stream;
    private final List<MemorySegment> taken = new ArrayList<>();

    /** @param call tensors without memory will do */
    ConvolutionTrial(CallContext context, ConvolutionCall call, boolean channelsLast) {
        this.context = context;
        this.call = call;
        this.channelsLast = channelsLast;
        this.stream = CudaCall.stream(context);
    }

    /** Infinity if it cannot be done. */
    double milliseconds(MeasuredChoices choices, FusedConvolution way, long workspaceBytes) {
        try {
            ScalarType type = call.input().dtype();
            Tensor x = zeros(type, call.input().sizes()), w = zeros(type, call.weight().sizes()), y = zeros(type, call.outSizes());
            Tensor bias = zeros(type, call.outChannels()), sum = way.adds() ? zeros(type, call.outSizes()) : null;
            long space = workspaceBytes == 0 ? 0 : memory(workspaceBytes);
            return choices.time(stream, () -> way.run(context, x, w.address(), bias, sum, y, space));
        } catch (OutOfDeviceMemoryException e) {
            return Double.POSITIVE_INFINITY;
        } finally {
            taken.forEach(stream::giveBackOwn);
        }
    }

    private Tensor zeros(ScalarType type, long... sizes) {
        long bytes = Shapes.numel(sizes) * type.byteSize(), address = memory(bytes);
        stream.fill(address, bytes);
        boolean last = channelsLast && sizes.length > 2;
        return new Tensor(Storage.within(stream, address, bytes), type, 0, sizes, last ? Shapes.channelsLastStrides(sizes) : Shapes.contiguousStrides(sizes));
    }

    private long memory(long bytes) {
        MemorySegment m = stream.takeOwn(bytes);
        taken.add(m);
        return m.address();
    }
}
