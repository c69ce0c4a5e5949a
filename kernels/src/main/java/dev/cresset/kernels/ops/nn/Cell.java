package dev.cresset.kernels.ops.nn;

import dev.cresset.kernels.cpu.onednn.RnnSpec;
import dev.cresset.kernels.cuda.driver.RnnDescriptor;

/** The kinds of recurrent cells: from the two affine maps of one step to the next state. Gates lie in PyTorch's order. */
enum Cell {
    LSTM(4, RnnSpec.Cell.LSTM, RnnDescriptor.Cell.LSTM), GRU(3, RnnSpec.Cell.GRU, RnnDescriptor.Cell.GRU),
    TANH(1, RnnSpec.Cell.RNN_TANH, RnnDescriptor.Cell.TANH), RELU(1, RnnSpec.Cell.RNN_RELU, RnnDescriptor.Cell.RELU);

    final int gates;
    /** As oneDNN and cuDNN name it. */
    final RnnSpec.Cell library;
    final RnnDescriptor.Cell onDevice;

    Cell(int gates, RnnSpec.Cell library, RnnDescriptor.Cell onDevice) {
        this.gates = gates;
        this.library = library;
        this.onDevice = onDevice;
    }

    /**
     * One row of the batch. @param x gates from the input, with bias; @param h gates from the state, with bias, both from
     * their offset on; @param state read and written (a projection may shorten it later); @param cell LSTM's other state
     */
    void step(double[] x, int x0, double[] h, int h0, double[] state, int s0, double[] cell, int c0, int n) {
        for (int i = 0; i < n; i++) {
            switch (this) {
                case LSTM -> {
                    double in = sigmoid(x[x0 + i] + h[h0 + i]), forget = sigmoid(x[x0 + n + i] + h[h0 + n + i]);
                    double fresh = Math.tanh(x[x0 + 2 * n + i] + h[h0 + 2 * n + i]);
                    cell[c0 + i] = forget * cell[c0 + i] + in * fresh;
                    state[s0 + i] = sigmoid(x[x0 + 3 * n + i] + h[h0 + 3 * n + i]) * Math.tanh(cell[c0 + i]);
                }
                case GRU -> {
                    double reset = sigmoid(x[x0 + i] + h[h0 + i]), update = sigmoid(x[x0 + n + i] + h[h0 + n + i]);
                    double fresh = Math.tanh(x[x0 + 2 * n + i] + reset * h[h0 + 2 * n + i]);
                    state[s0 + i] = fresh + update * (state[s0 + i] - fresh);
                }
                case TANH -> state[s0 + i] = Math.tanh(x[x0 + i] + h[h0 + i]);
                case RELU -> state[s0 + i] = Math.max(0, x[x0 + i] + h[h0 + i]);
            }
        }
    }

    private static double sigmoid(double v) { return 1 / (1 + Math.exp(-v)); }
}
