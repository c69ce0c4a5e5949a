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
    /** Threads of a multiprocessor that kernels which fold rows are compiled for: 128 registers each. ptxas's own choice is fewer, and spills. */
    private static final int THREADS_OF_ROWS = 512;

    /** ROW: a row of loops, for hand-written kernels whatever a block works on. */
    public enum Unit { ELEMENT, ROW }

    /** A thread for each item. */
    static Launch threads(int threads) { return new Launch(threads, threads, Unit.ELEMENT); }

    /** A block for each item. */
    static Launch block(int threads) { return new Launch(threads, 1, Unit.ROW); }

    /** What ptxas is told of it. */
    String bounds() { return "__launch_bounds__(" + threads + (unit == Unit.ROW ? ", " + Math.max(1, THREADS_OF_ROWS / threads) : "") + ")"; }

    /** Blocks to launch for so many items (0 for none). */
    public int blocks(long items, int multiprocessors) {
        long wanted = Math.ceilDiv(items, (long) perBlock);
        return (int) Math.min(wanted, (long) multiprocessors * (THREADS_IN_FLIGHT / threads) * WAVES);
    }
}
