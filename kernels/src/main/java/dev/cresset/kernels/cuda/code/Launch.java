package dev.cresset.kernels.cuda.code;

/**
 * How a kernel is launched. Each loops over all its items with the stride of the grid, so that any number of blocks gives the
 * same result bits.
 *
 * @param threads     threads of a block, along x; the kernel relies on exactly so many
 * @param perBlock    items that one block computes in one round
 * @param unit        what an item is
 * @param resident    blocks of a multiprocessor that the compiler leaves registers for; 0: as many as it thinks right
 * @param sharedBytes dynamic shared memory of a block
 */
public record Launch(int threads, int perBlock, Unit unit, int resident, int sharedBytes) {
    /** Threads that a multiprocessor runs at once, times the rounds worth of blocks that even out differences among them. */
    private static final int THREADS_IN_FLIGHT = 2048, WAVES = 4;
    /** Threads of a multiprocessor that kernels which fold rows are compiled for: 128 registers each. ptxas's own choice is fewer, and spills. */
    private static final int THREADS_OF_ROWS = 512;

    /** ROW: a row of loops, for hand-written kernels whatever a block works on. */
    public enum Unit { ELEMENT, ROW }

    /** A thread for each item. */
    static Launch threads(int threads) { return elements(threads, threads); }

    /** Some elements for each thread. */
    static Launch elements(int threads, int perBlock) { return new Launch(threads, perBlock, Unit.ELEMENT, 0, 0); }

    /** Some rows for each block, which it folds. */
    static Launch rows(int threads, int perBlock) { return new Launch(threads, perBlock, Unit.ROW, Math.max(1, THREADS_OF_ROWS / threads), 0); }

    /** A block for each item. */
    static Launch block(int threads) { return new Launch(threads, 1, Unit.ROW, 0, 0); }

    /** The same with registers for so many blocks. */
    Launch keeping(int blocks) { return new Launch(threads, perBlock, unit, blocks, sharedBytes); }

    /** The same with so much dynamic shared memory. */
    Launch sharing(int bytes) { return new Launch(threads, perBlock, unit, resident, bytes); }

    /** What the compiler is told of it. */
    String bounds() { return "__launch_bounds__(" + threads + (resident == 0 ? "" : ", " + resident) + ")"; }

    /** Blocks to launch for so many items (0 for none). */
    public int blocks(long items, int multiprocessors) {
        long wanted = Math.ceilDiv(items, (long) perBlock);
        return (int) Math.min(wanted, (long) multiprocessors * (THREADS_IN_FLIGHT / threads) * WAVES);
    }
}
