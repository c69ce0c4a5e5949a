package dev.cresset.kernels.cpu.jit;

import dev.cresset.kernels.expr.BinaryFn;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;

/** The functions of two numbers for which the JVM has instructions. */
final class ScalarArithmetic {
    private ScalarArithmetic() {}

    /** The instruction for a function, or null if there is none. */
    static Opcode instruction(BinaryFn fn, Local.Type type) {
        return switch (type) {
            case FLOAT -> real(fn, Opcode.FADD, Opcode.FSUB, Opcode.FMUL, Opcode.FDIV);
            case DOUBLE -> real(fn, Opcode.DADD, Opcode.DSUB, Opcode.DMUL, Opcode.DDIV);
            case LONG -> integer(fn);
            default -> null;
        };
    }

    private static Opcode real(BinaryFn fn, Opcode add, Opcode sub, Opcode mul, Opcode div) {
        return switch (fn) {
            case ADD -> add;
            case SUB -> sub;
            case MUL -> mul;
            case DIV -> div;
            default -> null;
        };
    }

    private static Opcode integer(BinaryFn fn) {
        return switch (fn) {
            case ADD -> Opcode.LADD;
            case SUB -> Opcode.LSUB;
            case MUL -> Opcode.LMUL;
            case AND -> Opcode.LAND;
            case OR -> Opcode.LOR;
            case XOR -> Opcode.LXOR;
            default -> null;
        };
    }

    /**
     * Compares the two values on the stack to an int on it.
     *
     * @return the jump that is taken where the comparison holds; with NaN only NE does
     */
    static Opcode compare(CodeBuilder code, BinaryFn fn, Local.Type type) {
        boolean less = fn == BinaryFn.LT || fn == BinaryFn.LE;
        switch (type) {
            case FLOAT -> { if (less) code.fcmpg(); else code.fcmpl(); }
            case DOUBLE -> { if (less) code.dcmpg(); else code.dcmpl(); }
            case LONG -> code.lcmp();
            default -> throw new IllegalArgumentException("no comparison of " + type);
        }
        return switch (fn) {
            case EQ -> Opcode.IFEQ;
            case NE -> Opcode.IFNE;
            case LT -> Opcode.IFLT;
            case LE -> Opcode.IFLE;
            case GT -> Opcode.IFGT;
            case GE -> Opcode.IFGE;
            default -> throw new IllegalArgumentException(fn + " is no comparison");
        };
    }
}
