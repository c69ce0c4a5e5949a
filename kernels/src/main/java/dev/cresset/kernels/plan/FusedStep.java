package dev.cresset.kernels.plan;

import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.kernels.fuse.LoweredGroup;
import java.util.List;

/** A generated kernel over places of the plan. Its offsets count from the starts of their buffers. */
record FusedStep(String what, FusedKernel kernel, LoweredGroup group, List<Place> inputs, List<Place> writes, int threads) implements Step {
    @Override public List<Place> reads() { return inputs; }

    @Override public Action bind(Frame frame) {
        Place[] operands = new Place[group.inputs().size() + group.results().size()];
        int n = 0;
        for (int i : group.inputs()) operands[n++] = inputs.get(i);
        for (int r : group.results()) operands[n++] = writes.get(r);
        long[] addresses = new long[operands.length];
        return _ -> {
            for (int i = 0; i < operands.length; i++) addresses[i] = frame.address(operands[i]);
            kernel.run(threads, addresses);
        };
    }

    @Override public void warm() { kernel.warm(); }

    @Override public boolean isWarm() { return kernel.isWarm(); }

    @Override public String label() { return "fused " + what; }

    @Override public String kernelText() { return kernel.text(); }

    @Override public String text() { return "fused " + what + " " + inputs + " -> " + writes; }
}
