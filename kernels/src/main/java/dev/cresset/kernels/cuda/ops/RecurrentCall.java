package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.driver.RnnDescriptor;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Recurrent layers over sequences.
 *
 * @param input      [time, batch, input], by {@code batchFirst} [batch, time, input], or the rows of packed sequences
 * @param initial    states [layers · directions, batch, width]; for LSTM also cells [layers · directions, batch, hidden]
 * @param parameters for each layer and direction: weights of input and state, biases of both if there are any, the projection if
 *                   there is one
 * @param lengths    of packed sequences, the longest first; null if the input is not packed
 */
public record RecurrentCall(RnnDescriptor.Cell cell, Tensor input, Tensor[] initial, List<Tensor> parameters, boolean biases,
    boolean projects, int layers, boolean bidirectional, boolean batchFirst, int[] lengths) {

    int directions() { return bidirectional ? 2 : 1; }

    /** Layers and directions. */
    int positions() { return layers * directions(); }

    boolean isPacked() { return lengths != null; }

    int batch() { return (int) initial[0].size(1); }

    int steps() { return isPacked() ? lengths[0] : (int) input.size(batchFirst ? 1 : 0); }

    int inputs() { return (int) input.size(-1); }

    /** Of the result of one direction. */
    int width() { return (int) initial[0].size(2); }

    int hidden() { return projects ? (int) initial[1].size(2) : width(); }

    /** How many parameters a position has. */
    int each() { return (biases ? 4 : 2) + (projects ? 1 : 0); }

    /** Of the result. */
    long[] outSizes() {
        long[] out = input.sizes().clone();
        out[out.length - 1] = (long) width() * directions();
        return out;
    }

    /** Whether all tensors have the element type and the sizes that they should, and none is empty. */
    boolean isRegular() {
        ScalarType type = input.dtype();
        List<Tensor> all = Stream.of(Stream.of(input), Arrays.stream(initial), parameters.stream()).flatMap(s -> s).toList();
        if (all.stream().anyMatch(t -> t.dtype() != type || t.numel() == 0 || t.numel() > Integer.MAX_VALUE)) return false;
        if (isPacked() && Arrays.stream(lengths).sum() != input.size(0)) return false;
        if (parameters.size() != positions() * each() || projects && width() > hidden()) return false;
        for (Tensor s : initial) if (s.size(0) != positions() || s.size(1) != batch()) return false;
        if (initial.length > 1 && initial[1].size(2) != hidden()) return false;
        for (int p = 0; p < positions(); p++) if (!isRegular(p)) return false;
        return true;
    }

    private boolean isRegular(int position) {
        List<Tensor> own = parameters.subList(position * each(), (position + 1) * each());
        long rows = (long) cell.gates() * hidden(), from = position < directions() ? inputs() : (long) width() * directions();
        boolean regular = has(own.get(0), rows, from) && has(own.get(1), rows, width());
        if (biases) regular &= has(own.get(2), rows) && has(own.get(3), rows);
        return regular && (!projects || has(own.getLast(), width(), hidden()));
    }

    private static boolean has(Tensor t, long... sizes) { return Arrays.equals(t.sizes(), sizes); }
}
