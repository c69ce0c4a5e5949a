package dev.cresset.runtime.interpreter;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.op.Gradients;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.plan.PreparedSubgraph;
import dev.cresset.kernels.plan.StepObserver;
import dev.cresset.profiler.profile.TypeProfile;
import dev.cresset.profiler.timeline.Timeline;
import dev.cresset.tensor.Tensor;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Predicate;

/** Makes the instructions of the nodes that the profiling executor puts into graphs. */
final class PlanInstructions {
    private PlanInstructions() {}

    static Instruction profile(TypeProfile record, int in, int out, int[] dead) {
        return (f, pc) -> {
            Object value = f.get(in);
            if (value instanceof Tensor t) record.observe(t.dtype(), t.device(), t.sizes(), t.strides(), t.requiresGrad());
            else if (value == null) record.observeNone();
            f.set(out, value);
            f.kill(dead);
            return pc + 1;
        };
    }

    static Instruction check(Predicate<Object> test, int in, int out, int[] dead) {
        return (f, pc) -> {
            f.set(out, test.test(f.get(in)));
            f.kill(dead);
            return pc + 1;
        };
    }

    /** The results' gradient flags follow from those of the inputs, by the operators in between. */
    static Instruction subgraph(Node node, PreparedSubgraph plan, int[] in, int[] out, int[] dead) {
        Flags flags = new Flags(node.subgraph().orElseThrow());
        return (f, pc) -> {
            Tensor[] inputs = new Tensor[in.length];
            boolean grad = flags.constant != null && f.call.context().gradEnabled();
            for (int i = 0; i < in.length; i++) {
                inputs[i] = (Tensor) f.registers[in[i]];
                grad |= inputs[i].requiresGrad();
            }
            int mark = f.call.context().scope().mark();
            Tensor[] results = plan.run(f.call.context(), inputs, observer(f.call.timeline(), node));
            for (int i = 0; i < out.length; i++) {
                if (grad && f.call.context().gradEnabled() && flags.require(i, inputs)) results[i].setRequiresGrad(true);
                f.set(out[i], results[i]);
            }
            f.call.context().scope().releaseUnheldSince(mark);
            f.kill(dead);
            return pc + 1;
        };
    }

    /** Records the steps of a subgraph; null if nothing is recorded. */
    private static StepObserver observer(Timeline timeline, Node node) {
        if (timeline == null) return null;
        String place = node.location().range() == null ? "" : node.location().range().place();
        return (label, start, end) -> timeline.record(label, "operator", place, start, end);
    }

    /** Which inputs of a subgraph a result's gradient would flow to. */
    private static final class Flags {
        private final BitSet[] results;
        /** Which results depend on a constant that requires a gradient; null if none does. */
        private final BitSet constant;

        Flags(Graph graph) {
            Map<Value, BitSet> sources = new IdentityHashMap<>();
            int inputs = graph.inputs().size();
            for (int i = 0; i < inputs; i++) sources.put(graph.inputs().get(i), bit(i));
            for (Node n : graph.nodes()) {
                BitSet all = new BitSet();
                if (n.is(Kinds.CONSTANT) && n.attribute("value") instanceof Tensor t && t.requiresGrad()) all.set(inputs);
                boolean passes = n.operator() == null || Gradients.passes((Operator) n.operator());
                if (passes) for (Value v : n.inputs()) all.or(sources.getOrDefault(v, new BitSet()));
                for (Value v : n.outputs()) sources.put(v, all);
            }
            results = graph.outputs().stream().map(v -> differentiable(v) ? sources.get(v) : new BitSet()).toArray(BitSet[]::new);
            boolean any = java.util.Arrays.stream(results).anyMatch(s -> s.get(inputs));
            constant = any ? new BitSet() : null;
            for (int i = 0; i < results.length; i++) if (results[i].get(inputs)) constant.set(i);
        }

        private static BitSet bit(int i) {
            BitSet b = new BitSet();
            b.set(i);
            return b;
        }

        private static boolean differentiable(Value v) {
            return v.type() instanceof dev.cresset.ir.type.TensorType t && (t.dtype().isFloating() || t.dtype().isComplex());
        }

        boolean require(int result, Tensor[] inputs) {
            if (constant != null && constant.get(result)) return true;
            for (int i = results[result].nextSetBit(0); i >= 0 && i < inputs.length; i = results[result].nextSetBit(i + 1)) {
                if (inputs[i].requiresGrad()) return true;
            }
            return false;
        }
    }
}
