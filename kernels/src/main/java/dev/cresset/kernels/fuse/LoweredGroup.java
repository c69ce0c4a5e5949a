package dev.cresset.kernels.fuse;

import java.util.List;

/**
 * A fusion group as a loop nest. The nest reads an input of the group by as many operands as it has views of it, and
 * writes a result in parts if it is a concatenation.
 *
 * @param inputs  for each input of the nest the position of the group's input it reads
 * @param results for each result of the nest the position of the group's result it writes
 */
public record LoweredGroup(LoopNest nest, List<Integer> inputs, List<Integer> results) {
    public LoweredGroup {
        inputs = List.copyOf(inputs);
        results = List.copyOf(results);
    }

    /** The addresses that the nest's kernel takes, from those of the group's inputs and results. */
    public long[] addresses(long[] groupInputs, long[] groupResults) {
        long[] out = new long[inputs.size() + results.size()];
        int n = 0;
        for (int i : inputs) out[n++] = groupInputs[i];
        for (int r : results) out[n++] = groupResults[r];
        return out;
    }
}
