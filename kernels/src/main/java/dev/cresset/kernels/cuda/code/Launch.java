package dev.cresset.kernels.cuda.code;

/**
 * How a kernel is launched. Each loops over all its items with the stride of the grid, so that any number of blocks gives the
 * same result bits.
 *
 * @param threads   threads of a block, along x; the kernel relies on exactly so many
 * @param perBlock  items that one block computes in one round
 * @param unit      what an item is
 */
public record Launch(int threads, int perBlock, Unit unit) {
    /** Threads that a multiprocessor runs at once, times the rounds worth of blocks that even out differences among them. */
    private static final int THREADS_IN_FLIGHT = 2048, WAVES = 4;

    /** ROW: a row of loops, for hand-written kernels whatever a block works on. */
    public enum Unit { ELEMENT, ROW }

    /** A thread for each item. */
    static Launch threads(int threads) { return new Launch(threads, threads, Unit.ELEMENT); }

    /** A block for each item. */
    static Launch block(int threads) { return new Launch(threads, 1, Unit.ROW); }

    /** Blocks to launch for so many items (0 for none). */
    public int blocks(long items, int multiprocessors) {
        long wanted = Math.ceilDiv(items, (long) perBlock);
        return (int) Math.min(wanted, (long) multiprocessors * (THREADS_IN_FLIGHT / threads) * WAVES);
    }
}
