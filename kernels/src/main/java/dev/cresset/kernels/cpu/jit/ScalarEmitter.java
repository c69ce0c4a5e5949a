package dev.cresset.kernels.cpu.jit;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.ScalarFunctions;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.fuse.LoopNest.Fold;
import dev.cresset.tensor.Elements;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.constant.ClassDesc;
import java.util.List;

/** Operations on one element at a time, of every type but complex numbers. */
final class ScalarEmitter implements Emitter {
    private static final ClassDesc MATH = desc(Math.class), FUNCTIONS = desc(ScalarFunctions.class), FLOAT = desc(Float.class),
        ELEMENTS = desc(Elements.class), UNARY = desc(UnaryFn.class), BINARY = desc(BinaryFn.class);

    private final Assembler a;

    ScalarEmitter(Assembler assembler) { this.a = assembler; }

    private static ClassDesc desc(Class<?> c) { return c.describeConstable().orElseThrow(); }

    @Override public int lanes() { return 1; }

    @Override public void mask(Local mask) { if (mask != null) throw new IllegalArgumentException("a single element has no mask"); }

    @Override public Local maskUpTo(Local index, Local to) { throw new IllegalStateException("a single element has no mask"); }

    @Override public Local constant(Object value, ScalarType kind) {
        switch (kind) {
            case FLOAT32 -> a.code.loadConstant((float) (double) (Double) value);
            case FLOAT64 -> a.code.loadConstant((double) (Double) value);
            case INT64 -> a.code.loadConstant((long) (Long) value);
            default -> a.code.loadConstant((int) (long) (Long) value);
        }
        return a.store(Local.Type.of(kind));
    }

    @Override public Local load(ScalarType type, Local base, Local index, int further) {
        return ScalarMemory.load(a, type, () -> a.address(base, index, type.byteSize(), further));
    }

    @Override public void store(ScalarType type, Local base, Local index, int further, Local value) {
        ScalarMemory.store(a, type, () -> a.address(base, index, type.byteSize(), further), value);
    }

    @Override public Local spread(Local value) { return value; }

    // ---- functions

    @Override public Local unary(UnaryFn fn, Local x) {
        boolean test = switch (fn) {
            case NOT, IS_NAN, IS_INF, IS_FINITE, SIGN_BIT -> x.type() != Local.Type.BOOL;
            default -> false;
        };
        return test ? test(fn, x) : switch (x.type()) {
            case FLOAT, DOUBLE -> real(fn, x);
            case LONG -> integer(fn, x);
            default -> called(fn, x);
        };
    }

    private Local called(UnaryFn fn, Local x) {
        a.field(UNARY, fn.name(), UNARY).load(x);
        return a.callStatic(FUNCTIONS, "unary", x.type().desc, UNARY, x.type().desc).store(x.type());
    }

    private Local test(UnaryFn fn, Local x) {
        if (fn == UnaryFn.IS_NAN && x.type() != Local.Type.LONG) return comparison(BinaryFn.NE, x, x);
        a.field(UNARY, fn.name(), UNARY).load(x);
        if (x.type() == Local.Type.FLOAT) a.code.f2d();
        ClassDesc parameter = x.type() == Local.Type.LONG ? x.type().desc : CD_double;
        return a.callStatic(FUNCTIONS, "test", CD_int, UNARY, parameter).store(Local.Type.BOOL);
    }

    private Local real(UnaryFn fn, Local x) {
        return switch (fn) {
            case NEG -> {
                a.load(x);
                if (x.type() == Local.Type.FLOAT) a.code.fneg();
                else a.code.dneg();
                yield a.store(x.type());
            }
            case ABS -> a.load(x).callStatic(MATH, "abs", x.type().desc, x.type().desc).store(x.type());
            case SQRT -> inDouble("sqrt", x);
            case FLOOR -> inDouble("floor", x);
            case CEIL -> inDouble("ceil", x);
            case ROUND -> inDouble("rint", x);
            default -> called(fn, x);
        };
    }

    private Local inDouble(String function, Local x) {
        a.load(x);
        boolean single = x.type() == Local.Type.FLOAT;
        if (single) a.code.f2d();
        a.callStatic(MATH, function, CD_double, CD_double);
        if (single) a.code.d2f();
        return a.store(x.type());
    }

    private Local integer(UnaryFn fn, Local x) {
        return switch (fn) {
            case NEG -> {
                a.load(x).code.lneg();
                yield a.store(x.type());
            }
            case BIT_NOT -> {
                a.load(x).code.loadConstant(-1L).lxor();
                yield a.store(x.type());
            }
            case ABS -> a.load(x).callStatic(MATH, "abs", x.type().desc, x.type().desc).store(x.type());
            default -> called(fn, x);
        };
    }

    @Override public Local binary(BinaryFn fn, Local x, Local y, Object second) {
        if (x.type() == Local.Type.BOOL) return called(fn, x, y);
        if (fn.isComparison()) return comparison(fn, x, y);
        if (fn == BinaryFn.POW && x.type() == Local.Type.FLOAT && second != null) {
            a.load(x).code.loadConstant((double) (Double) second);
            return a.callStatic(FUNCTIONS, "power", CD_float, CD_float, CD_double).store(x.type());
        }
        if (fn == BinaryFn.MIN || fn == BinaryFn.MAX) {
            String name = fn == BinaryFn.MIN ? "min" : "max";
            return a.load(x, y).callStatic(MATH, name, x.type().desc, x.type().desc, x.type().desc).store(x.type());
        }
        Opcode instruction = ScalarArithmetic.instruction(fn, x.type());
        if (instruction == null) return called(fn, x, y);
        a.load(x, y).code.with(OperatorInstruction.of(instruction));
        return a.store(x.type());
    }

    private Local called(BinaryFn fn, Local x, Local y) {
        a.field(BINARY, fn.name(), BINARY).load(x, y);
        return a.callStatic(FUNCTIONS, "binary", x.type().desc, BINARY, x.type().desc, x.type().desc).store(x.type());
    }

    private Local comparison(BinaryFn fn, Local x, Local y) {
        a.load(x, y);
        return truth(ScalarArithmetic.compare(a.code, fn, x.type()));
    }

    /** 1 if the int on the stack compares to 0 in this way, else 0. */
    private Local truth(Opcode jump) {
        Label yes = a.code.newLabel(), end = a.code.newLabel();
        a.code.branch(jump, yes).iconst_0().goto_(end).labelBinding(yes).iconst_1().labelBinding(end);
        return a.store(Local.Type.BOOL);
    }

    @Override public Local select(Local condition, Local yes, Local no) {
        Label otherwise = a.code.newLabel(), end = a.code.newLabel();
        a.load(condition).code.ifeq(otherwise);
        a.load(yes).code.goto_(end).labelBinding(otherwise);
        a.load(no).code.labelBinding(end);
        return a.store(yes.type());
    }

    // ---- conversions

    @Override public Local cast(ScalarType type, Local x) {
        Local.Type to = Local.Type.of(Expr.compute(type));
        Local wide = x.type() == to ? x : converted(x, to);
        if (type == Expr.compute(type)) return wide;
        a.load(wide);
        narrow(type);
        return a.store(to);
    }

    private Local converted(Local x, Local.Type to) {
        if (to == Local.Type.BOOL) {
            ScalarType kind = x.type() == Local.Type.LONG ? ScalarType.INT64 : x.type() == Local.Type.FLOAT ? ScalarType.FLOAT32 : ScalarType.FLOAT64;
            return comparison(BinaryFn.NE, x, constant(kind == ScalarType.INT64 ? (Object) 0L : (Object) 0.0, kind));
        }
        a.load(x).code.conversion(x.type().kind(), to.kind());
        return a.store(to);
    }

    private void narrow(ScalarType type) {
        switch (type) {
            case UINT8, QUINT8 -> a.code.loadConstant(0xffL).land();
            case INT8, QINT8 -> a.code.l2i().i2b().i2l();
            case INT16 -> a.code.l2i().i2s().i2l();
            case INT32, QINT32 -> a.code.l2i().i2l();
            case FLOAT16 -> a.callStatic(FLOAT, "floatToFloat16", desc(short.class), CD_float)
                .callStatic(FLOAT, "float16ToFloat", CD_float, desc(short.class));
            case BFLOAT16 -> a.callStatic(ELEMENTS, "floatToBfloat16", desc(short.class), CD_float)
                .callStatic(ELEMENTS, "bfloat16ToFloat", CD_float, desc(short.class));
            default -> throw new IllegalArgumentException(type + " is not narrow");
        }
    }

    // ---- folding: real numbers in double, integers and bools in long

    @Override public Local accumulator(Fold fold, ScalarType kind) {
        boolean real = kind == ScalarType.FLOAT32 || kind == ScalarType.FLOAT64;
        double neutral = fold == Fold.SUM ? 0 : fold == Fold.MAX ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        if (real) a.code.loadConstant(neutral);
        else a.code.loadConstant((long) neutral);
        return a.store(real ? Local.Type.DOUBLE : Local.Type.LONG);
    }

    @Override public void accumulate(Fold fold, Local accumulator, Local value) {
        Local wide = value.type() == accumulator.type() ? value : converted(value, accumulator.type());
        a.load(fold(fold, accumulator, wide));
        a.assign(accumulator);
    }

    private Local fold(Fold fold, Local x, Local y) {
        return binary(fold == Fold.SUM ? BinaryFn.ADD : fold == Fold.MAX ? BinaryFn.MAX : BinaryFn.MIN, x, y, null);
    }

    @Override public Local total(Fold fold, List<Local> accumulators) {
        Local total = accumulators.getFirst();
        for (Local next : accumulators.subList(1, accumulators.size())) total = fold(fold, total, next);
        return total;
    }
}
