package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Structure;
import java.lang.classfile.Label;

/** The cells of reductions: real numbers as double, integers and bools as long. */
final class Cells {
    private final Structure s;
    private final Assembler a;
    private final Addresses addresses;
    private final ScalarEmitter single;

    Cells(Structure s, Assembler a, Addresses addresses, ScalarEmitter single) {
        this.s = s;
        this.a = a;
        this.addresses = addresses;
        this.single = single;
    }

    /** The type in which a fold's elements are folded. */
    ScalarType kind(int fold) { return s.node(s.folds().get(fold).value()).kind(); }

    private ScalarType type(int fold) {
        return kind(fold) == ScalarType.FLOAT32 || kind(fold) == ScalarType.FLOAT64 ? ScalarType.FLOAT64 : ScalarType.INT64;
    }

    private void address(int fold) { a.load(addresses.ofCells()).code.loadConstant(8L * fold).ladd(); }

    Local load(int fold) { return ScalarMemory.load(a, type(fold), () -> address(fold)); }

    /**
     * Folds a total, on the stack, and if this was not the row's first part what the cell holds, to the cell.
     *
     * @param from where the part begins
     */
    void fold(int fold, Local from) {
        LoopNest.Fold how = s.folds().get(fold).fold();
        Local total = a.store(type(fold) == ScalarType.FLOAT64 ? Local.Type.DOUBLE : Local.Type.LONG);
        Label first = a.code.newLabel();
        a.load(from).code.ifeq(first);
        BinaryFn fn = how == LoopNest.Fold.SUM ? BinaryFn.ADD : how == LoopNest.Fold.MAX ? BinaryFn.MAX : BinaryFn.MIN;
        a.load(single.binary(fn, load(fold), total, null));
        a.assign(total);
        a.code.labelBinding(first);
        ScalarMemory.store(a, type(fold), () -> address(fold), total);
    }
}
