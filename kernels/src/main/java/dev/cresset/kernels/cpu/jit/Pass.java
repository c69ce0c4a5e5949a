package dev.cresset.kernels.cpu.jit;

/** What generated code does in one pass over (a part of) a row. Generated classes implement it. */
interface Pass {
    /**
     * @param addresses of the row's first element in each input and each result, then of the cells (8 bytes for each
     *                  reduction), then of each scratch row
     * @param from      the first element; only the pass over element 0 begins the reductions anew
     * @param to        the last element and one
     */
    void run(long[] addresses, int from, int to);
}
