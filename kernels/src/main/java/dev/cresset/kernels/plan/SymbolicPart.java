package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;

/** What runs one group of operators of a plan for any sizes. */
public sealed interface SymbolicPart extends PreparedSubgraph, AutoCloseable permits SymbolicGroup, SymbolicProduct, SymbolicMatmul {
    /** The group's operators, with the types they were put together for. */
    Graph graph();

    /** Makes it fast for the shapes that its types say. For a thread in the background. */
    default void warm() { }

    /** True if it is as fast as it will get for the shapes that its types say. */
    default boolean isWarm() { return true; }

    /** True if nothing better can be made of it for these shapes than running its operators one by one. */
    boolean isRefused();

    /** Bytes held outside the heap. */
    default long nativeBytes() { return 0; }

    /** What runs for the shapes that its types say, for people. */
    String kernelText();

    /** Frees what it holds outside the heap. No run may be going on. */
    @Override default void close() { }
}
