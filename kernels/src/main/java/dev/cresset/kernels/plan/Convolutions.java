package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cpu.onednn.ConvSpec;
import dev.cresset.kernels.cpu.onednn.DnnLayout;
import dev.cresset.kernels.cpu.onednn.DnnMemory;
import dev.cresset.kernels.cpu.onednn.PreparedCall;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.ops.nn.ConvolutionCall;
import dev.cresset.kernels.ops.nn.ConvolutionRule;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.List;

/** Makes steps of convolutions with constant weights. Their results lie channels-last, and so do their sources unless oneDNN reads others as well. */
final class Convolutions {
    private final Lowering lowering;

    Convolutions(Lowering lowering) { this.lowering = lowering; }

    /** Lowers a convolution and the nodes of the chain that it can do on the way; see {@link Products#lower}. */
    int lower(Node n, Arguments arguments, List<Node> chain) {
        Meta stated = Lowering.meta(n.output().type());
        if (!Library.takes(lowering, stated.dtype()) || Shapes.numel(stated.sizes()) == 0) return -1;
        ConvolutionCall call = call(lowering, n, arguments);
        return call == null ? -1 : new One(n, call, chain, stated).lower(((Place) arguments.operands().getFirst()).seen(call.input()));
    }

    /** A convolution of what is computed, not empty, with constant weights; null for all else. */
    static ConvolutionCall call(Lowering lowering, Node n, Arguments arguments) {
        if (!(((Operator) n.operator()).body() instanceof Body.Kernel(Body.ShapeRule rule, _, _, _)) || !(rule instanceof ConvolutionRule r)) return null;
        if (!(arguments.operands().getFirst() instanceof Place input) || input.elements() == 0) return null;
        ConvolutionCall call = r.call().apply(arguments.described(lowering.workshop().context()));
        return isConstant(arguments, call.weight()) && (call.bias() == null || isConstant(arguments, call.bias())) ? call : null;
    }

    private static boolean isConstant(Arguments arguments, Tensor t) {
        return arguments.operands().stream().anyMatch(o -> o instanceof Operand.Constant(Object v) && v == t);
    }

    /** One convolution on its way. */
    private final class One {
        private final Node node;
        private final ConvolutionCall call;
        private final List<Node> chain;
        private final Place out;        // as the program sees it
        private final Place result;     // with the batch dimension

        One(Node node, ConvolutionCall call, List<Node> chain, Meta stated) {
            this.node = node;
            this.call = call;
            this.chain = chain;
            long[] sizes = call.outSizes();
            result = lowering.memory().internal(new Meta(stated.dtype(), sizes, Shapes.channelsLastStrides(sizes)));
            out = call.unbatched() ? result.seen(dev.cresset.tensor.Views.squeeze(result.description(), 0)) : result;
        }

        int lower(Place source) {
            Epilogue then = new Epilogue(lowering, out, this::operand);
            int taken = 0;
            Value last = node.output();
            while (taken < chain.size() && then.take(chain.get(taken), last)) last = chain.get(taken++).output();
            lowering.add(step(source, then));
            lowering.define(last, out);
            return taken;
        }

        /** Full operands lie as the result does, in copies if need be. */
        private Place operand(Place p) {
            if (call.unbatched()) return null;
            Place seen = Epilogue.widened(p, result.sizes());
            if (seen == null || !Epilogue.isFull(seen, result.sizes()) || seen.hasStrides(result.strides())) return seen;
            return lowering.copied(seen, result.strides());
        }

        private Step step(Place source, Epilogue then) {
            ConvSpec spec = call.spec().withBias(call.bias() != null).withPostOps(then.postOps());
            DnnLayout to = Library.layout(result);
            boolean ready = source.hasStrides(Shapes.channelsLastStrides(source.sizes()));
            PreparedCall prepared = prepared(spec, ready ? Library.layout(source) : null, to);
            Place from = source;
            if (!ready) {
                DnnLayout wanted = prepared.layout(0);
                boolean asIs = isApart(source) && wanted.equals(Library.layout(source));
                if (!asIs && !wanted.isPlain()) {
                    from = lowering.copied(source, Shapes.channelsLastStrides(source.sizes()));
                    prepared = prepared(spec, Library.layout(from), to);
                } else if (!asIs) {
                    from = lowering.copied(source, wanted.strides());
                }
            }
            return step(from, prepared, then);
        }

        private PreparedCall prepared(ConvSpec spec, DnnLayout from, DnnLayout to) {
            record Key(ConvSpec spec, DnnLayout from, DnnLayout to) {}
            Holdings holdings = lowering.holdings();
            return holdings.call(new Key(spec, from, to), () -> holdings.oneDnn().prepare(spec, from, to));
        }

        /** True if no two elements share a place. */
        private static boolean isApart(Place p) { return Meta.isDense(p.description()); }

        private Step step(Place from, PreparedCall prepared, Epilogue then) {
            Tensor weight = Meta.isDense(call.weight()) ? call.weight() : contiguous(call.weight());
            DnnMemory packed = lowering.holdings().packed(weight, call.spec().weightsSource(weight.strides()), prepared.layout(1));
            LibraryStep.Builder b = new LibraryStep.Builder(call.transposed() ? "transposed convolution" : "convolution", prepared)
                .read(from).constant(packed).write(result);
            if (call.bias() != null) b.read(lowering.memory().constant(contiguous(call.bias())));
            then.operands().forEach(b::read);
            return b.build(lowering.memory());
        }

        private Tensor contiguous(Tensor t) {
            if (t.isContiguous()) return t;
            return lowering.workshop().kept(lowering.workshop().context().tensor("aten::contiguous", t));
        }
    }
}
