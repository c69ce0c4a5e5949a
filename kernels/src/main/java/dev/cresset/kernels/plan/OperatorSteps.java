package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.PointwiseCall;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Operator;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Steps that run an operator of the catalogue as it is. */
final class OperatorSteps {
    private OperatorSteps() {}

    /** A kernel that writes to places of the plan. Its temporaries go back when it ends. */
    record Kernel(Operator operator, Body.Kernel body, boolean onDevice, Arguments arguments, List<Place> writes) implements Step {
        @Override public List<Place> reads() { return arguments.places(); }

        @Override public long constantBytes() { return arguments.constantBytes(); }

        @Override public Action bind(Frame frame) {
            Arguments.Bound bound = arguments.bind(frame);
            Outputs outputs = new Outputs(frame, writes);
            return context -> {
                int mark = context.scope().mark();
                if (onDevice) body.cuda().run(bound.args(context), outputs.tensors());
                else body.cpu().run(bound.args(context), outputs.tensors());
                context.scope().releaseUnheldSince(mark);
                bound.clear();
            };
        }

        @Override public String label() { return operator.schema().qualifiedName(); }

        @Override public String text() { return describe(operator, arguments, writes); }
    }

    /** An expression over elements that writes to a place of the plan. */
    record Pointwise(Operator operator, PointwiseCall.Prepared call, Arguments arguments, Place out) implements Step {
        @Override public List<Place> reads() { return arguments.places(); }

        @Override public long constantBytes() { return arguments.constantBytes(); }

        @Override public List<Place> writes() { return List.of(out); }

        @Override public Action bind(Frame frame) {
            Arguments.Bound bound = arguments.bind(frame);
            Outputs outputs = new Outputs(frame, writes());
            Tensor[] operands = new Tensor[bound.values.length + 1];
            return context -> {
                Args a = bound.args(context);
                Arguments.tensors(bound.values, operands);
                call.run(a, operands, outputs.tensors()[0]);
                bound.clear();
            };
        }

        @Override public String label() { return operator.schema().qualifiedName(); }

        @Override public String text() { return describe(operator, arguments, writes()); }
    }

    /** A copy in another order. */
    record Copy(Place from, Place to) implements Step {
        @Override public List<Place> reads() { return List.of(from); }

        @Override public List<Place> writes() { return List.of(to); }

        @Override public Action bind(Frame frame) {
            Outputs source = new Outputs(frame, reads());
            Outputs target = new Outputs(frame, writes());
            return context -> Elementwise.copy(context, source.tensors()[0], target.tensors()[0]);
        }

        @Override public String label() { return "copy"; }

        @Override public String text() { return "copy " + from + " -> " + to; }
    }

    /** Any other operator: it returns memory of its own, which lives to the end of the run. */
    record Call(Operator operator, Arguments arguments, List<Place> writes) implements Step {
        @Override public List<Place> reads() { return arguments.places(); }

        @Override public long constantBytes() { return arguments.constantBytes(); }

        @Override public Action bind(Frame frame) {
            Arguments.Bound bound = arguments.bind(frame);
            return context -> {
                Object result = operator.run(bound.args(context));
                bound.clear();
                Object[] all = result instanceof Object[] several ? several
                    : result instanceof List<?> list ? list.toArray() : new Object[] {result};
                for (int i = 0, k = 0; k < writes.size(); i++) {
                    if (all[i] instanceof Tensor t) frame.set(writes.get(k).buffer(), own(context, t, writes.get(k++)));
                }
            };
        }

        /** The tensor as the plan expects it, in memory of the run. */
        private Tensor own(CallContext context, Tensor t, Place expected) {
            if (t.dtype() != expected.type() || !Arrays.equals(t.sizes(), expected.sizes())) {
                throw new CressetException(operator + " returned " + t.type() + " where " + expected + " was expected");
            }
            boolean fits = t.storage().isScoped() && Shapes.sameLayout(t.sizes(), t.strides(), expected.strides());
            if (fits) return t;
            Tensor copy = context.empty(expected.meta());
            Elementwise.copy(context, t, copy);
            return copy;
        }

        @Override public String label() { return operator.schema().qualifiedName(); }

        @Override public String text() { return describe(operator, arguments, writes); }
    }

    /** The tensors of places in one frame; those that differ from run to run are made anew in each. */
    static final class Outputs {
        private final Frame frame;
        private final List<Place> places;
        private final Tensor[] tensors;
        private final boolean fixed;

        Outputs(Frame frame, List<Place> places) {
            this.frame = frame;
            this.places = places;
            tensors = new Tensor[places.size()];
            fixed = places.stream().allMatch(p -> p.buffer().isFixed());
            if (fixed) fill();
        }

        private void fill() {
            for (int i = 0; i < tensors.length; i++) tensors[i] = frame.tensor(places.get(i));
        }

        Tensor[] tensors() {
            if (!fixed) fill();
            return tensors;
        }
    }

    private static String describe(Operator operator, Arguments arguments, List<Place> writes) {
        return operator.schema().qualifiedName() + "(" + arguments + ") -> " + writes;
    }
}
