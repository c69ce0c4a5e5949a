package dev.cresset.kernels.cuda.code;

import dev.cresset.kernels.nest.Loops;
import java.util.List;

/** How threads share the work of a loop nest. The number of threads is part of the text, so that folds always have one order. */
enum Schedule {
    /** A thread computes an element (or a few neighbours), then one a grid further on. For nests without reductions. */
    ELEMENTS(256, 1),
    /** A warp computes a row, four warps a block. */
    WARP_ROWS(128, 32),
    /** Eight warps a block. */
    EIGHT_ROWS(256, 32),
    /** A block computes a row. */
    BLOCK_ROWS(256, 256),
    /** A larger block, for long rows. */
    LONG_ROWS(512, 512);

    private static final int LONGEST_OF_WARP = 1024, LONGEST_OF_BLOCK = 8192;
    /** So many times shorter or longer than where the rule changes, the other schedule may be the faster one. */
    private static final int DOUBT = 4;

    final int threads;
    private final int rowThreads;

    Schedule(int threads, int rowThreads) {
        this.threads = threads;
        this.rowThreads = rowThreads;
    }

    /** For rows to be folded, without measuring. */
    static Schedule ofRows(Loops loops) {
        long n = loops.rowLength();
        return n <= LONGEST_OF_WARP ? WARP_ROWS : n <= LONGEST_OF_BLOCK ? BLOCK_ROWS : LONG_ROWS;
    }

    /** Those that may be the fastest for rows to be folded, first that of {@link #ofRows}. */
    static List<Schedule> candidates(Loops loops) {
        long n = loops.rowLength();
        Schedule first = ofRows(loops);
        if (n >= LONGEST_OF_WARP / DOUBT && n <= LONGEST_OF_WARP * DOUBT) return List.of(first, first == WARP_ROWS ? BLOCK_ROWS : WARP_ROWS);
        if (n > LONGEST_OF_BLOCK / DOUBT && n <= LONGEST_OF_BLOCK * DOUBT) return List.of(first, first == BLOCK_ROWS ? LONG_ROWS : BLOCK_ROWS);
        return List.of(first);
    }

    /** Threads that compute one row. */
    int rowThreads() { return rowThreads; }

    int rowsPerBlock() { return threads / rowThreads(); }
}
