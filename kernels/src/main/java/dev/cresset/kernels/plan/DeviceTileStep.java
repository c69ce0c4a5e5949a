package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.code.TileKernel;
import dev.cresset.kernels.fuse.TiledProduct;
import dev.cresset.kernels.nest.Loops;
import java.util.List;

/**
 * A product of few rows by a kernel of {@link TileKernel}.
 *
 * @param a,b       the matrices, whose first elements are {@code aOffset} and {@code bOffset} elements on
 * @param parts     into which the sums are cut; with several the kernel is {@link TileKernel#part}, and {@code operands} is where their sums go
 * @param partDepth of each
 * @param loops     of the epilogue, null with several parts
 * @param operands  of the epilogue but the first, its results last
 */
record DeviceTileStep(String what, KernelSource kernel, TiledProduct product, TileKernel.Form form, Place a, long aOffset, Place b, long bOffset, long parts,
                      long partDepth, boolean aligned, Loops loops, List<Place> operands, List<Place> reads, List<Place> writes) implements Step {
    @Override public Action bind(Frame frame) {
        int[] widths = new int[operands.size() + 1];
        long[] bases = new long[widths.length];
        widths[0] = Float.BYTES;
        for (int k = 0; k < operands.size(); k++) widths[k + 1] = operands.get(k).type().byteSize();
        return context -> {
            for (int k = 0; k < operands.size(); k++) bases[k + 1] = frame.address(operands.get(k));
            var arguments = new TileKernel.Arguments(address(frame, a, aOffset), address(frame, b, bOffset), parts == 1 ? 0 : bases[1], product.rows(),
                product.columns(), product.depth(), product.aRow(), product.bRow(), parts, partDepth, aligned);
            long[] slots = kernel instanceof TileKernel whole ? whole.pack(arguments, bases, widths, loops) : arguments.slots();
            CudaCall.stream(context).launch(kernel, slots, form.tiles(product.rows(), product.columns()) * parts);
        };
    }

    private static long address(Frame frame, Place p, long offset) { return frame.address(p) + offset * p.type().byteSize(); }

    @Override public String label() { return "fused " + what; }

    @Override public String text() {
        return "fused " + what + " " + reads + " -> " + writes + " by " + kernel.entry() + " in tiles of " + form.rows() + " rows"
            + form.sums().words() + (parts == 1 ? "" : ", " + parts + " parts");
    }

    @Override public String kernelText() { return kernel.source(); }
}
