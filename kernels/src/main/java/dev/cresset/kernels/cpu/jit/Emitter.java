package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.fuse.LoopNest;
import java.util.List;

/** Writes the code of single operations: over vectors of elements, or over one element at a time. */
interface Emitter {
    /** Elements that one copy of a loop's body works on; a power of two. */
    int lanes();

    /** From here on only the lanes of a mask are loaded, stored and folded; null for all. */
    void mask(Local mask);

    /** A mask of the lanes of elements up to {@code to}. */
    Local maskUpTo(Local index, Local to);

    /** A constant in all lanes. */
    Local constant(Object value, ScalarType kind);

    /** The elements from {@code index + further} of the row at address {@code base}. */
    Local load(ScalarType type, Local base, Local index, int further);

    void store(ScalarType type, Local base, Local index, int further, Local value);

    /** A single value in all lanes. */
    Local spread(Local value);

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
    Local total(LoopNest.Fold fold, List<Local> accumulators);
}
