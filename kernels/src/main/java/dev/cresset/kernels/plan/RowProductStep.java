package dev.cresset.kernels.plan;

import dev.cresset.kernels.cpu.RowProduct;
import java.lang.foreign.Arena;
import java.util.List;

/** A product of few rows with a constant matrix. */
record RowProductStep(RowProduct product, Place x, Place y, int threads) implements Step {
    /** Runs until its code is compiled as well as it will be. */
    private static final int WARM_UP_RUNS = 3000;

    @Override public List<Place> reads() { return List.of(x); }

    @Override public List<Place> writes() { return List.of(y); }

    @Override public Action bind(Frame frame) {
        int rows = (int) x.size(0);
        return _ -> product.run(threads, rows, frame.address(x), 4 * x.strides()[0], frame.address(y), 4 * y.strides()[0]);
    }

    @Override public void warm() {
        try (Arena arena = Arena.ofConfined()) {
            long from = arena.allocate(4 * x.elements(), 64).address(), to = arena.allocate(4 * y.elements(), 64).address();
            for (int i = 0; i < WARM_UP_RUNS; i++) product.run(threads, (int) x.size(0), from, 4 * x.size(1), to, 4 * y.size(1));
        }
    }

    @Override public String text() { return "row product " + x + " -> " + y + ", weights " + product.byteSize() + " bytes"; }
}
