package dev.cresset.kernels.cpu.jit;

import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_short;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Elements;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes code that reads and writes single elements. Values are of the element type's compute type. */
final class ScalarMemory {
    private static final ClassDesc SEGMENT = desc(MemorySegment.class), ELEMENTS = desc(Elements.class), FLOAT = desc(Float.class);

    private ScalarMemory() {}

    private static ClassDesc desc(Class<?> c) { return c.describeConstable().orElseThrow(); }

    /** How elements of a size, or floats of it, are accessed. */
    private enum Access {
        BYTE("JAVA_BYTE", ValueLayout.OfByte.class, byte.class), SHORT("JAVA_SHORT_UNALIGNED", ValueLayout.OfShort.class, short.class),
        INT("JAVA_INT_UNALIGNED", ValueLayout.OfInt.class, int.class), LONG("JAVA_LONG_UNALIGNED", ValueLayout.OfLong.class, long.class),
        FLOAT("JAVA_FLOAT_UNALIGNED", ValueLayout.OfFloat.class, float.class),
        DOUBLE("JAVA_DOUBLE_UNALIGNED", ValueLayout.OfDouble.class, double.class);

        final String layout;
        final Class<?> layoutType;
        final Class<?> type;

        Access(String layout, Class<?> layoutType, Class<?> type) {
            this.layout = layout;
            this.layoutType = layoutType;
            this.type = type;
        }

        static Access of(ScalarType t) {
            return switch (t) {
                case BOOL, INT8, UINT8, QINT8, QUINT8 -> BYTE;
                case INT16, FLOAT16, BFLOAT16 -> SHORT;
                case INT32, QINT32 -> INT;
                case INT64 -> LONG;
                case FLOAT32 -> FLOAT;
                case FLOAT64 -> DOUBLE;
                case COMPLEX32, COMPLEX64, COMPLEX128 -> throw new IllegalArgumentException("no generated code for " + t);
            };
        }
    }

    /** @param address puts the address on the stack */
    static Local load(Assembler a, ScalarType type, Runnable address) {
        Access access = Access.of(type);
        a.constantField(Memory.class, "ALL", MemorySegment.class);
        a.constantField(ValueLayout.class, access.layout, access.layoutType);
        address.run();
        a.callInterface(SEGMENT, "get", desc(access.type), desc(access.layoutType), CD_long);
        widen(a, type);
        return a.store(Local.Type.of(dev.cresset.kernels.expr.Expr.compute(type)));
    }

    private static void widen(Assembler a, ScalarType type) {
        switch (type) {
            case BOOL -> truth(a);
            case UINT8, QUINT8 -> a.code.loadConstant(0xff).iand().i2l();
            case INT8, QINT8, INT16, INT32, QINT32 -> a.code.i2l();
            case FLOAT16 -> a.callStatic(FLOAT, "float16ToFloat", CD_float, CD_short);
            case BFLOAT16 -> a.callStatic(ELEMENTS, "bfloat16ToFloat", CD_float, CD_short);
            case INT64, FLOAT32, FLOAT64 -> { }
            case COMPLEX32, COMPLEX64, COMPLEX128 -> throw new IllegalArgumentException("no generated code for " + type);
        }
    }

    /** Makes the int on the stack 1 if it is not 0. */
    static void truth(Assembler a) {
        Label zero = a.code.newLabel(), end = a.code.newLabel();
        a.code.ifeq(zero).iconst_1().goto_(end).labelBinding(zero).iconst_0().labelBinding(end);
    }

    static void store(Assembler a, ScalarType type, Runnable address, Local value) {
        Access access = Access.of(type);
        a.constantField(Memory.class, "ALL", MemorySegment.class);
        a.constantField(ValueLayout.class, access.layout, access.layoutType);
        address.run();
        a.load(value);
        narrow(a, type);
        a.callInterface(SEGMENT, "set", CD_void, desc(access.layoutType), CD_long, desc(access.type));
    }

    private static void narrow(Assembler a, ScalarType type) {
        switch (type) {
            case UINT8, QUINT8, INT8, QINT8 -> a.code.l2i().i2b();
            case INT16 -> a.code.l2i().i2s();
            case INT32, QINT32 -> a.code.l2i();
            case FLOAT16 -> a.callStatic(FLOAT, "floatToFloat16", CD_short, CD_float);
            case BFLOAT16 -> a.callStatic(ELEMENTS, "floatToBfloat16", CD_short, CD_float);
            case BOOL, INT64, FLOAT32, FLOAT64 -> { }
            case COMPLEX32, COMPLEX64, COMPLEX128 -> throw new IllegalArgumentException("no generated code for " + type);
        }
    }
}
