package dev.cresset.kernels.plan;

import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.lang.ref.Reference;
import java.util.List;

/** Runs the steps one after the other on the calling thread. */
final class HostRunning implements Running {
    private final List<Place> inputs;
    private final List<Place> results;
    private final List<Step> steps;
    private final Frames frames;

    HostRunning(Lowering.Lowered lowered) {
        inputs = lowered.inputs();
        results = lowered.results();
        steps = lowered.layout().steps();
        frames = new Frames(lowered.layout());
    }

    @Override public Tensor[] run(CallContext context, Tensor[] given, StepObserver observer) {
        Frame frame = frames.take();
        Scope scope = context.scope();
        Tensor[] out = new Tensor[results.size()];
        try {
            for (int i = 0; i < given.length; i++) frame.set(inputs.get(i).buffer(), given[i]);
            for (int i = 0; i < out.length; i++) if (results.get(i).buffer().kind() == Buffer.Kind.RESULT) out[i] = allocate(context, frame, i);
            int mark = scope.mark();
            frame.run(context, observer);
            for (int i = 0; i < out.length; i++) if (out[i] == null) out[i] = returned(context, frame, i, out);
            scope.releaseUnheldSince(mark, out);
            return out;
        } finally {
            Reference.reachabilityFence(given);
            frames.give(frame);
        }
    }

    private Tensor allocate(CallContext context, Frame frame, int i) {
        Tensor t = context.empty(results.get(i).meta());
        frame.set(results.get(i).buffer(), t);
        return t;
    }

    /** What an operator returned, if it fills its memory and nobody else has it; else a copy. */
    private Tensor returned(CallContext context, Frame frame, int i, Tensor[] others) {
        Tensor t = frame.tensor(results.get(i).buffer());
        boolean own = t.offset() == 0;
        for (Tensor o : others) own &= o == null || o.storage() != t.storage();
        if (own) return t;
        Tensor copy = context.empty(results.get(i).meta());
        Elementwise.copy(context, t, copy);
        return copy;
    }

    @Override public void warm() {
        for (Step s : steps) {
            s.warm();
            if (!s.isWarm()) return;    // it is of no use as a whole; what calls this may try again
        }
    }

    @Override public boolean isWarm() { return steps.stream().allMatch(Step::isWarm); }

    @Override public long bytes() { return frames.nativeBytes(); }

    @Override public void close() { frames.close(); }
}
