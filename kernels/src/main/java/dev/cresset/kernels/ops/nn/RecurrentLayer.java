package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.DnnMemory;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cpu.onednn.RnnLayer;
import dev.cresset.kernels.cpu.onednn.RnnSpec;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * One layer and direction of a recurrent network.
 *
 * @param inputBias  and {@code hiddenBias}: null if the network has none
 * @param projection weight of LSTM's projection, or null
 */
record RecurrentLayer(Cell cell, Tensor inputWeight, Tensor hiddenWeight, Tensor inputBias, Tensor hiddenBias, Tensor projection,
    boolean reverse) {

    int hidden() { return (int) inputWeight.size(0) / cell.gates; }

    /** The state's width. */
    int outputs() { return (int) hiddenWeight.size(1); }

    /**
     * Runs over whole sequences.
     *
     * @param source [steps, batch, input]; by any strides, as {@code out}
     * @param before initial state and, for LSTM, cell [batch, …]; {@code after} receives the last ones, contiguous
     */
    void run(CallContext context, CpuLibraries libraries, Tensor source, Tensor[] before, Tensor out, Tensor[] after) {
        if (out.storage().isOnDevice()) {
            long rows = source.size(0) * source.size(1);
            Tensor flat = context.tensor("aten::reshape", source, new long[] {rows, source.size(2)});
            new RecurrentSteps(context, this).run(flat, allActive(source), before, t -> Views.select(out, 0, t), after);
            return;
        }
        OneDnn oneDnn = libraries.oneDnn(context, source.dtype());
        if (oneDnn != null && projection == null && source.numel() > 0 && hidden() > 0) {
            library(context, oneDnn, source, before, out, after);
            return;
        }
        double[] result = loops(Heap.doubles(source), allActive(source), (int) source.size(1), before, after);
        Heap.store(result, out);
    }

    private static int[] allActive(Tensor source) {
        int[] active = new int[(int) source.size(0)];
        Arrays.fill(active, (int) source.size(1));
        return active;
    }

    /**
     * Runs over sequences of different lengths, the longest first.
     *
     * @param source the rows of all steps, one step after the other; {@code out} has the same order
     * @param active how many rows each step has
     */
    void runPacked(CallContext context, Tensor source, int[] active, Tensor[] before, Tensor out, Tensor[] after) {
        if (out.storage().isOnDevice()) {
            int[] start = starts(active);
            new RecurrentSteps(context, this).run(source, active, before, t -> Views.narrow(out, 0, start[t], active[t]), after);
        } else {
            Heap.store(loops(Heap.doubles(source), active, active[0], before, after), out);
        }
    }

    /** The first row of each step. */
    static int[] starts(int[] active) {
        int[] start = new int[active.length];
        for (int t = 1; t < active.length; t++) start[t] = start[t - 1] + active[t - 1];
        return start;
    }

    private void library(CallContext context, OneDnn oneDnn, Tensor source, Tensor[] before, Tensor out, Tensor[] after) {
        long steps = source.size(0), batch = source.size(1);
        RnnLayer layer = oneDnn.rnn(new RnnSpec(cell.library, steps, batch, source.size(2), hidden(), reverse));
        var parameters = new RnnLayer.Parameters(CpuLibraries.weights(contiguous(context, inputWeight)),
            CpuLibraries.weights(contiguous(context, hiddenWeight)), memory(context, inputBias), memory(context, hiddenBias));
        layer.run(memory(source), states(context, before), parameters, memory(out), states(context, after));
    }

    private static DnnMemory memory(Tensor t) { return DnnMemory.plain(ScalarType.FLOAT32, t.sizes(), t.strides(), CpuLibraries.from(t)); }

    private static MemorySegment memory(CallContext context, Tensor t) {
        return t == null ? null : CpuLibraries.from(contiguous(context, t));
    }

    private static RnnLayer.States states(CallContext context, Tensor[] s) {
        return new RnnLayer.States(memory(context, s[0]), s.length > 1 ? memory(context, s[1]) : null);
    }

    private static Tensor contiguous(CallContext context, Tensor t) {
        return t.isContiguous() ? t : MatrixProduct.copy(context, t, t.dtype());
    }

    /**
     * The same in Java, for sequences of different lengths too: in step t the first active[t] rows of the batch take part,
     * and the source has only those, one step after the other.
     */
    private double[] loops(double[] source, int[] active, int batch, Tensor[] before, Tensor[] after) {
        int n = hidden(), width = outputs(), gates = cell.gates * n, inputs = (int) inputWeight.size(1);
        int[] start = starts(active);
        int rows = Arrays.stream(active).sum();
        double[] x = affine(source, 0, rows, Heap.doubles(Views.transpose(inputWeight, 0, 1)), inputs, gates, inputBias);
        double[] recurrent = Heap.doubles(Views.transpose(hiddenWeight, 0, 1));
        double[] project = projection == null ? null : Heap.doubles(Views.transpose(projection, 0, 1));
        double[] state = Heap.doubles(before[0]), memory = before.length > 1 ? Heap.doubles(before[1]) : new double[batch * n];
        double[] out = new double[rows * width];
        double[] full = project == null ? null : new double[batch * n];
        for (int i = 0; i < active.length; i++) {
            int t = reverse ? active.length - 1 - i : i;
            double[] h = affine(state, 0, active[t], recurrent, width, gates, hiddenBias);
            double[] target = project == null ? state : full;
            for (int b = 0; b < active[t]; b++) cell.step(x, (start[t] + b) * gates, h, b * gates, target, b * n, memory, b * n, n);
            if (project != null) {
                Arrays.fill(state, 0, active[t] * width, 0);
                Gemm.multiply(full, 0, project, 0, state, 0, active[t], width, n);
            }
            System.arraycopy(state, 0, out, start[t] * width, active[t] * width);
        }
        Heap.store(state, after[0]);
        if (after.length > 1) Heap.store(memory, after[1]);
        return out;
    }

    private static double[] affine(double[] x, int x0, int rows, double[] w, int k, int n, Tensor bias) {
        double[] out = new double[rows * n];
        if (bias != null) {
            double[] b = Heap.doubles(bias);
            for (int r = 0; r < rows; r++) System.arraycopy(b, 0, out, r * n, n);
        }
        Gemm.multiply(x, x0, w, 0, out, 0, rows, n, k);
        return out;
    }
}
