package dev.cresset.kernels.plan;

import dev.cresset.kernels.cpu.RowProduct;
import java.util.List;

/** A product of few rows with a constant matrix. */
record RowProductStep(RowProduct product, Place x, Place y, int threads) implements Step {
    @Override public List<Place> reads() { return List.of(x); }

    @Override public List<Place> writes() { return List.of(y); }

    @Override public long constantBytes() { return product.byteSize(); }

    @Override public Action bind(Frame frame) {
        int rows = (int) x.size(0);
        return _ -> product.run(threads, rows, frame.address(x), 4 * x.strides()[0], frame.address(y), 4 * y.strides()[0]);
    }

    @Override public void warm() { product.warm((int) x.size(0)); }

    @Override public String label() { return "row product"; }

    @Override public String text() { return "row product " + x + " -> " + y + ", weights " + product.byteSize() + " bytes"; }
}
