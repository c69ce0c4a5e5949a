package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.fuse.LoopNest;

/** Writes the code of single operations: over vectors of elements, or over one element at a time. */
interface Emitter {
    /** Elements that one copy of a loop's body works on; a power of two. */
    int lanes();

    /** From here on only the lanes of a mask are loaded, stored and folded; null for all. */
    void mask(Local mask);

    /** A mask of the lanes of elements up to {@code to}. */
    Local maskUpTo(Local index, Local to);

    Local constant(Object value, ScalarType kind);

    /** The elements from {@code index + further} of the row at address {@code base}. */
    Local load(ScalarType type, Local base, Local index, int further);

    void store(ScalarType type, Local base, Local index, int further, Local value);

    /** The element at an address, for all lanes. */
    Local loadOne(ScalarType type, Local base);

    /** Writes the value, which is the same in all lanes, to an address. */
    void storeOne(ScalarType type, Local base, Local value);

    Local unary(UnaryFn fn, Local x);

    /** @param second the second operand where it is a constant, else null */
    Local binary(BinaryFn fn, Local a, Local b, Object second);

    Local select(Local condition, Local yes, Local no);

    Local cast(ScalarType type, Local x);

    // ---- folding

    /** A variable with the fold's neutral value. */
    Local accumulator(LoopNest.Fold fold, ScalarType kind);

    /** Folds a value into the accumulator. */
    void accumulate(LoopNest.Fold fold, Local accumulator, Local value);

    /** Folds accumulators, and their lanes, to a DOUBLE or LONG. */
    Local total(LoopNest.Fold fold, java.util.List<Local> accumulators);

    /** The value of a reduction, from what its cell holds, for all lanes. */
    Local reduced(Local total, ScalarType type);
}
