package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.ops.CudaConvolution;
import dev.cresset.kernels.cuda.ops.FusedConvolution;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.ops.nn.ConvolutionCall;
import dev.cresset.kernels.plan.passes.DeviceEpilogues;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.List;

/** Makes steps of convolutions with constant weights on a device, by cuDNN, with the sum and the relu that follow them. */
final class DeviceConvolutions {
    /** How the tensors of a plan's convolutions lie. */
    enum Layout {
        /** As their inputs and weights do. */
        AS_GIVEN, ROW_MAJOR, CHANNELS_LAST
    }

    private final Lowering lowering;

    DeviceConvolutions(Lowering lowering) { this.lowering = lowering; }

    /** Lowers a convolution and the nodes of the chain that it can do on the way; see {@link Products#lower}. */
    int lower(Node n, Arguments arguments, List<Node> chain) {
        Meta stated = Lowering.meta(n.output().type());
        if (!DeviceEpilogues.CONVOLUTION_TYPES.contains(stated.dtype()) || Shapes.numel(stated.sizes()) == 0) return -1;
        ConvolutionCall call = Convolutions.call(lowering, n, arguments);
        return call == null ? -1 : new One(n, call, chain, stated).lower(((Place) arguments.operands().getFirst()).seen(call.input()));
    }

    /** One convolution on its way. */
    private final class One {
        private final Node node;
        private final ConvolutionCall call;
        private final List<Node> chain;
        private final boolean channelsLast;
        private final Place out;        // as the program sees it
        private final Place result;     // with the batch dimension
        private Place sum;
        private boolean relu;

        One(Node node, ConvolutionCall call, List<Node> chain, Meta stated) {
            this.node = node;
            this.call = call;
            this.chain = chain;
            channelsLast = switch (call.spatial() < 2 ? Layout.AS_GIVEN : lowering.convolutions()) {
                case AS_GIVEN -> ConvolutionCall.isChannelsLast(call.input()) || ConvolutionCall.isChannelsLast(call.weight());
                case ROW_MAJOR -> false;
                case CHANNELS_LAST -> true;
            };
            result = lowering.memory().internal(new Meta(stated.dtype(), call.outSizes(), strides(call.outSizes())));
            out = call.unbatched() ? result.seen(Views.squeeze(result.description(), 0)) : result;
        }

        private long[] strides(long[] sizes) { return channelsLast ? Shapes.channelsLastStrides(sizes) : Shapes.contiguousStrides(sizes); }

        int lower(Place source) {
            int taken = 0;
            Value last = node.output();
            while (taken < chain.size() && take(chain.get(taken), last)) last = chain.get(taken++).output();
            var epilogue = new FusedConvolution.Epilogue(call.bias() != null, sum != null, relu);
            FusedConvolution work = FusedConvolution.of(lowering.workshop().context(), call, channelsLast, epilogue, lowering.workshop().choices());
            if (work == null) return -1;
            lowering.add(new DeviceConvolutionStep(work, lying(source, strides(source.sizes())), weight(), bias(work), sum == null ? null : lying(sum, result.strides()), result,
                lowering.memory().workspace(work.workspaceBytes()), relu));
            lowering.define(last, out);
            return taken;
        }

        /** A place in this order where cuDNN may read it: itself or a copy. */
        private Place lying(Place p, long[] strides) {
            boolean aligned = p.buffer().kind() == Buffer.Kind.RETURNED || DeviceFusedStep.alignment(p, 0, lowering.memory()) >= CudaConvolution.ALIGNMENT;
            return aligned && p.hasStrides(strides) ? p : lowering.copied(p, strides);
        }

        /** Takes a node that follows. @param value what it is applied to */
        private boolean take(Node n, Value value) {
            if (n.is("aten::relu")) return relu = true;
            Place p = lowering.place(lowering.operand(n.input(0) == value ? n.input(1) : n.input(0)));
            sum = call.unbatched() ? p.seen(Views.unsqueeze(p.description(), 0)) : p;
            return true;
        }

        private Place weight() {
            Tensor w = call.weight();
            if (Shapes.sameLayout(w.sizes(), w.strides(), strides(w.sizes())) && w.address() % CudaConvolution.ALIGNMENT == 0) return lowering.memory().constant(w);
            CallContext context = lowering.workshop().context();
            return lowering.memory().constant(lowering.holdings().arranged(w, channelsLast,
                () -> CudaConvolution.packed(context, w, channelsLast), CudaCall.stream(context), strides(w.sizes())));
        }

        private Place bias(FusedConvolution work) {
            if (!work.needsBias()) return null;
            Workshop workshop = lowering.workshop();
            Tensor b = call.bias() == null ? workshop.constant(result.type(), new double[Math.toIntExact(call.outChannels())], call.outChannels()) : call.bias();
            return lowering.memory().constant(b.isContiguous() ? b : workshop.kept(workshop.context().tensor("aten::contiguous", b)));
        }
    }
}
