package dev.cresset.ir.schema;

/** What compiler and passes need to know of an operator; the catalogue of the kernels module supplies it. */
public interface OperatorInfo {
    FunctionSchema schema();

    /** False for an operator that PyTorch has and this build does not run: it can be typed, and fails when reached. */
    boolean isImplemented();

    /** True if the same arguments need not give the same result: random operators, clocks, uninitialised memory. */
    boolean isNondeterministic();

    /** True if it does more than compute its results and write its written arguments: prints, changes a mode, raises. */
    boolean hasSideEffects();
}
