package dev.cresset.kernels.fuse;

/** A loop nest made ready to run. Safe from any number of threads. */
public interface FusedKernel {
    /**
     * Runs it.
     *
     * @param threads   how many threads it may use, at least 1; the result does not depend on it
     * @param addresses native addresses of the memory that the operands' offsets count from: of each input, then of each
     *                  result
     */
    void run(int threads, long[] addresses);

    /**
     * Runs it on memory of its own until it is fast. Takes a while; meant for a thread in the background. Gives up after some
     * seconds if the JVM's compiler has more to do than that; {@link #isWarm} then says no, and it may be tried again.
     */
    void warm();

    /** True if it is as fast as it will get. */
    boolean isWarm();

    /** What it does, as text for people: the loop nest and, where there is one, the generated code's outline. */
    String text();
}
