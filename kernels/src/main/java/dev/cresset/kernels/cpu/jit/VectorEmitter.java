package dev.cresset.kernels.cpu.jit;

import static dev.cresset.kernels.cpu.jit.VectorApi.BINARY;
import static dev.cresset.kernels.cpu.jit.VectorApi.BYTES;
import static dev.cresset.kernels.cpu.jit.VectorApi.COMPARISON;
import static dev.cresset.kernels.cpu.jit.VectorApi.CONVERSION;
import static dev.cresset.kernels.cpu.jit.VectorApi.FLOATS;
import static dev.cresset.kernels.cpu.jit.VectorApi.INTS;
import static dev.cresset.kernels.cpu.jit.VectorApi.MASK;
import static dev.cresset.kernels.cpu.jit.VectorApi.OPERATORS;
import static dev.cresset.kernels.cpu.jit.VectorApi.ORDER;
import static dev.cresset.kernels.cpu.jit.VectorApi.SEGMENT;
import static dev.cresset.kernels.cpu.jit.VectorApi.SHORTS;
import static dev.cresset.kernels.cpu.jit.VectorApi.SHUFFLE;
import static dev.cresset.kernels.cpu.jit.VectorApi.SPECIES;
import static dev.cresset.kernels.cpu.jit.VectorApi.VECTOR;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.fuse.LoopNest.Fold;
import java.lang.constant.ClassDesc;
import java.util.List;
import java.util.Map;

/**
 * Operations over vectors of float32, and of bools as their masks. Everything is inlined: a call to a method that takes
 * and returns vectors would have to allocate them unless the JIT compiler inlines it, which it does not do reliably.
 */
final class VectorEmitter implements Emitter {
    private static final ClassDesc SHAPES = ClassDesc.of("dev.cresset.kernels.cpu.jit.VectorShapes");

    private final Assembler a;
    private final Map<Object, Local> constants;
    private Local mask;

    /** @param constants vectors of constants that there are already; new ones are added */
    VectorEmitter(Assembler assembler, Map<Object, Local> constants) {
        this.a = assembler;
        this.constants = constants;
    }

    /** Of each operation: whether vectors have it. */
    static boolean[] canEmit(Structure s) {
        boolean[] can = new boolean[s.nodes().size()];
        for (int i = 0; i < can.length; i++) {
            Dag.Node n = s.node(i);
            can[i] = VectorApi.IS_PRESENT && isVector(n.kind()) && n.arguments().stream().allMatch(a -> isArgument(s.node(a))) && canEmit(s, n);
        }
        return can;
    }

    /** Whether a pass that ends with these reductions and results can be one over vectors. */
    static boolean canEnd(Structure s, List<Integer> folds, List<Integer> outputs) {
        return VectorApi.IS_PRESENT && folds.stream().allMatch(f -> s.node(s.folds().get(f).value()).kind() == ScalarType.FLOAT32)
            && outputs.stream().map(s.outputs()::get).allMatch(o -> o.perRow() || isVector(o.type()) && o.type() == s.node(o.value()).kind());
    }

    /** Whether there are vectors of a type of elements or values, in memory also. */
    static boolean isVector(ScalarType t) { return t == ScalarType.FLOAT32 || t == ScalarType.BOOL && VectorShapes.BYTES != null; }

    /** Floats and bools; integers if they are elements of up to 32 bits, or constants. */
    private static boolean isArgument(Dag.Node n) {
        return isVector(n.kind()) || n.op() instanceof Dag.Op.Load(int _, ScalarType t) && isShortInteger(t)
            || n.op() instanceof Dag.Op.Constant(Object value) && value instanceof Long v && v == v.intValue();
    }

    private static boolean isShortInteger(ScalarType t) {
        return switch (t) {
            case INT32, QINT32, INT16 -> true;
            case UINT8, INT8, QUINT8, QINT8 -> VectorShapes.BYTES != null;
            default -> false;
        };
    }

    private static boolean canEmit(Structure s, Dag.Node n) {
        return switch (n.op()) {
            case Dag.Op.Load(int _, ScalarType t) -> isVector(t);
            case Dag.Op.Constant _, Dag.Op.Reduced _ -> true;
            case Dag.Op.Select _ -> s.node(n.argument(1)).kind() != ScalarType.INT64;
            case Dag.Op.Cast(ScalarType t) -> t == ScalarType.FLOAT32 || t == ScalarType.BOOL;
            case Dag.Op.Unary(UnaryFn fn) -> VectorFunctions.has(fn, s.node(n.argument(0)).kind());
            case Dag.Op.Binary(BinaryFn fn) -> VectorFunctions.has(fn, s.node(n.argument(0)).kind(),
                s.node(n.argument(1)).op() instanceof Dag.Op.Constant(Object value) ? value : null);
        };
    }

    @Override public int lanes() { return VectorShapes.LANES; }

    @Override public void mask(Local mask) { this.mask = mask; }

    @Override public Local maskUpTo(Local index, Local to) {
        species("FLOATS").load(index, to);
        return a.callInterface(SPECIES, "indexInRange", MASK, CD_int, CD_int).store(Local.Type.MASK);
    }

    // ---- memory

    private Assembler species(String name) { return a.field(SHAPES, name, SPECIES); }

    private void segmentAt(Local base, Local index, int elementSize, int further) {
        a.constantField(Memory.class, "ALL", java.lang.foreign.MemorySegment.class);
        a.address(base, index, elementSize, further);
        order();
    }

    private void order() { a.field(ORDER, "LITTLE_ENDIAN", ORDER); }

    /** How vectors of an element type are named. */
    private static String speciesOf(ScalarType type) {
        return switch (type.byteSize()) {
            case 1 -> "BYTES";
            case 2 -> "SHORTS";
            default -> type == ScalarType.FLOAT32 ? "FLOATS" : "INTS";
        };
    }

    private static ClassDesc vectorOf(ScalarType type) {
        return switch (type.byteSize()) {
            case 1 -> BYTES;
            case 2 -> SHORTS;
            default -> type == ScalarType.FLOAT32 ? FLOATS : INTS;
        };
    }

    @Override public Local load(ScalarType type, Local base, Local index, int further) {
        ClassDesc vector = vectorOf(type);
        species(speciesOf(type));
        segmentAt(base, index, type.byteSize(), further);
        if (mask == null) {
            a.callStatic(vector, "fromMemorySegment", vector, SPECIES, SEGMENT, CD_long, ORDER);
        } else {
            moveMask(type);
            a.callStatic(vector, "fromMemorySegment", vector, SPECIES, SEGMENT, CD_long, ORDER, MASK);
        }
        return switch (type) {
            case FLOAT32 -> a.store(Local.Type.FLOATS);
            case INT32, QINT32 -> a.store(Local.Type.INTS);
            case INT16 -> widened("S2I");
            case INT8, QINT8 -> widened("B2I");
            case UINT8, QUINT8 -> widened("ZERO_EXTEND_B2I");
            case BOOL -> {
                comparison("NE");
                a.code.iconst_0();
                a.call(BYTES, "compare", MASK, COMPARISON, CD_byte);
                yield castMask("FLOATS");
            }
            default -> throw new IllegalArgumentException("no vectors of " + type);
        };
    }

    /** The integers on the stack as ints. */
    private Local widened(String conversion) {
        a.field(OPERATORS, conversion, CONVERSION);
        species("INTS").code.iconst_0();
        a.call(VECTOR, "convertShape", VECTOR, CONVERSION, SPECIES, CD_int).code.checkcast(INTS);
        return a.store(Local.Type.INTS);
    }

    @Override public void store(ScalarType type, Local base, Local index, int further, Local value) {
        ClassDesc vector = vectorOf(type);
        if (type == ScalarType.BOOL) bytes(value);
        else a.load(value);
        segmentAt(base, index, type.byteSize(), further);
        if (mask == null) {
            a.call(vector, "intoMemorySegment", CD_void, SEGMENT, CD_long, ORDER);
        } else {
            moveMask(type);
            a.call(vector, "intoMemorySegment", CD_void, SEGMENT, CD_long, ORDER, MASK);
        }
    }

    private void bytes(Local value) {
        species("BYTES").callStatic(BYTES, "zero", BYTES, SPECIES);
        a.code.iconst_1();
        a.load(value);
        species("BYTES").call(MASK, "cast", MASK, SPECIES).call(BYTES, "blend", BYTES, CD_byte, MASK);
    }

    private void moveMask(ScalarType type) {
        a.load(mask);
        if (type != ScalarType.FLOAT32) species(speciesOf(type)).call(MASK, "cast", MASK, SPECIES);
    }

    private Local castMask(String to) { return species(to).call(MASK, "cast", MASK, SPECIES).store(Local.Type.MASK); }

    @Override public Local spread(Local value) {
        species("FLOATS").load(value);
        if (value.type() == Local.Type.BOOL) return a.callInterface(SPECIES, "maskAll", MASK, CD_boolean).store(Local.Type.MASK);
        return a.callStatic(FLOATS, "broadcast", FLOATS, SPECIES, CD_float).store(Local.Type.FLOATS);
    }

    // ---- values

    @Override public Local constant(Object value, ScalarType kind) {
        if (kind == ScalarType.BOOL) {
            a.code.loadConstant((int) (long) (Long) value);
            return spread(a.store(Local.Type.BOOL));
        }
        if (kind == ScalarType.INT64) return all((int) (long) (Long) value);
        return all((float) (double) (Double) value);
    }

    /** A constant in all lanes. */
    Local all(float v) {
        Local known = constants.get(v);
        if (known != null) return known;
        species("FLOATS").code.loadConstant(v);
        Local made = a.callStatic(FLOATS, "broadcast", FLOATS, SPECIES, CD_float).store(Local.Type.FLOATS);
        constants.put(v, made);
        return made;
    }

    Local all(int v) {
        Local known = constants.get(v);
        if (known != null) return known;
        species("INTS").code.loadConstant(v);
        Local made = a.callStatic(INTS, "broadcast", INTS, SPECIES, CD_int).store(Local.Type.INTS);
        constants.put(v, made);
        return made;
    }

    Local add(Local x, Local y) { return lanewise("add", x, y); }

    Local sub(Local x, Local y) { return lanewise("sub", x, y); }

    Local mul(Local x, Local y) { return lanewise("mul", x, y); }

    Local div(Local x, Local y) { return lanewise("div", x, y); }

    Local lanewise(String method, Local x, Local y) {
        ClassDesc type = x.type().desc;
        return a.load(x, y).call(type, method, type, VECTOR).store(x.type());
    }

    Local lanewise(String method, Local x) {
        ClassDesc type = x.type().desc;
        return a.load(x).call(type, method, type).store(x.type());
    }

    /** x · y + z, rounded once. */
    Local fma(Local x, Local y, Local z) { return a.load(x, y, z).call(FLOATS, "fma", FLOATS, VECTOR, VECTOR).store(Local.Type.FLOATS); }

    /** A polynomial in x by Horner's rule, from the highest coefficient down to that of x^0. */
    Local polynomial(Local x, float... coefficients) {
        Local p = all(coefficients[0]);
        for (int i = 1; i < coefficients.length; i++) p = fma(p, x, all(coefficients[i]));
        return p;
    }

    /** Ints shifted, by LSHL, ASHR or LSHR. */
    Local shift(String operator, Local x, int y) {
        a.load(x).field(OPERATORS, operator, BINARY).code.loadConstant(y);
        return a.call(INTS, "lanewise", INTS, BINARY, CD_int).store(Local.Type.INTS);
    }

    Local asInts(Local x) { return a.load(x).call(FLOATS, "reinterpretAsInts", INTS).store(Local.Type.INTS); }

    Local asFloats(Local x) { return a.load(x).call(INTS, "reinterpretAsFloats", FLOATS).store(Local.Type.FLOATS); }

    /** Ints as the nearest floats. */
    Local toFloats(Local x) {
        a.load(x).field(OPERATORS, "I2F", CONVERSION).code.iconst_0();
        a.call(VECTOR, "convert", VECTOR, CONVERSION, CD_int).code.checkcast(FLOATS);
        return a.store(Local.Type.FLOATS);
    }

    private void comparison(String operator) { a.field(OPERATORS, operator, COMPARISON); }

    /** The lanes, of floats or ints, where the comparison holds. */
    Local compare(String operator, Local x, Local y) {
        a.load(x);
        comparison(operator);
        a.load(y).call(x.type().desc, "compare", MASK, COMPARISON, VECTOR);
        return x.type() == Local.Type.INTS ? castMask("FLOATS") : a.store(Local.Type.MASK);
    }

    Local mask(String method, Local x, Local y) { return a.load(x, y).call(MASK, method, MASK, MASK).store(Local.Type.MASK); }

    Local not(Local x) { return a.load(x).call(MASK, "not", MASK).store(Local.Type.MASK); }

    @Override public Local select(Local condition, Local yes, Local no) {
        if (yes.type() == Local.Type.MASK) return mask("or", mask("and", condition, yes), mask("andNot", no, condition));
        return a.load(no, yes, condition).call(no.type().desc, "blend", no.type().desc, VECTOR, MASK).store(no.type());
    }

    @Override public Local unary(UnaryFn fn, Local x) { return new VectorFunctions(this).unary(fn, x); }

    @Override public Local binary(BinaryFn fn, Local x, Local y, Object second) { return new VectorFunctions(this).binary(fn, x, y, second); }

    @Override public Local cast(ScalarType type, Local x) {
        boolean isInts = x.type() == Local.Type.INTS;
        if (type == ScalarType.BOOL) return compare("NE", x, isInts ? all(0) : all(0f));
        return isInts ? toFloats(x) : select(x, all(1f), all(0f));
    }

    // ---- folding

    private static float neutral(Fold fold) {
        return switch (fold) {
            case SUM -> 0;
            case MAX -> Float.NEGATIVE_INFINITY;
            case MIN -> Float.POSITIVE_INFINITY;
        };
    }

    private Local fold(Fold fold, Local x, Local y) {
        return switch (fold) {
            case SUM -> add(x, y);
            case MAX -> lanewise("max", x, y);
            case MIN -> lanewise("min", x, y);
        };
    }

    @Override public Local accumulator(Fold fold, ScalarType kind) {
        a.load(all(neutral(fold)));
        return a.store(Local.Type.FLOATS);
    }

    @Override public void accumulate(Fold fold, Local accumulator, Local value) {
        Local folded = mask == null ? value : select(mask, value, all(neutral(fold)));
        a.load(fold(fold, accumulator, folded));
        a.assign(accumulator);
    }

    /** In the order of a tree: first the accumulators, then the lanes. */
    @Override public Local total(Fold fold, List<Local> accumulators) {
        List<Local> rest = accumulators;
        while (rest.size() > 1) {
            int half = rest.size() / 2;
            List<Local> all = rest;
            rest = java.util.stream.IntStream.range(0, half).mapToObj(i -> fold(fold, all.get(i), all.get(i + half))).toList();
        }
        Local v = rest.getFirst();
        for (int by = VectorShapes.LANES / 2; by >= 1; by /= 2) {
            a.load(v).field(SHAPES, "DOWN_" + by, SHUFFLE);
            v = fold(fold, v, a.call(FLOATS, "rearrange", FLOATS, SHUFFLE).store(Local.Type.FLOATS));
        }
        a.load(v).code.iconst_0();
        a.call(FLOATS, "lane", CD_float, CD_int).code.f2d();
        return a.store(Local.Type.DOUBLE);
    }
}
