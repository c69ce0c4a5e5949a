package dev.cresset.ir.type;

import java.util.Optional;

/**
 * The element types of tensors. Codes, print names and storage class names are PyTorch's (c10/core/ScalarType.h); the
 * code is what TorchScript programs carry where they say {@code dtype}.
 */
public enum ScalarType {
    UINT8(0, 1, "Byte", "ByteStorage", "u8", Category.INTEGRAL),
    INT8(1, 1, "Char", "CharStorage", "i8", Category.INTEGRAL),
    INT16(2, 2, "Short", "ShortStorage", "i16", Category.INTEGRAL),
    INT32(3, 4, "Int", "IntStorage", "i32", Category.INTEGRAL),
    INT64(4, 8, "Long", "LongStorage", "i64", Category.INTEGRAL),
    FLOAT16(5, 2, "Half", "HalfStorage", "f16", Category.FLOATING),
    FLOAT32(6, 4, "Float", "FloatStorage", "f32", Category.FLOATING),
    FLOAT64(7, 8, "Double", "DoubleStorage", "f64", Category.FLOATING),
    COMPLEX32(8, 4, "ComplexHalf", "ComplexHalfStorage", "c32", Category.COMPLEX),
    COMPLEX64(9, 8, "ComplexFloat", "ComplexFloatStorage", "c64", Category.COMPLEX),
    COMPLEX128(10, 16, "ComplexDouble", "ComplexDoubleStorage", "c128", Category.COMPLEX),
    BOOL(11, 1, "Bool", "BoolStorage", "bool", Category.BOOL),
    QINT8(12, 1, "QInt8", "QInt8Storage", "qi8", Category.QUANTIZED),
    QUINT8(13, 1, "QUInt8", "QUInt8Storage", "qu8", Category.QUANTIZED),
    QINT32(14, 4, "QInt32", "QInt32Storage", "qi32", Category.QUANTIZED),
    BFLOAT16(15, 2, "BFloat16", "BFloat16Storage", "bf16", Category.FLOATING);

    /** Kinds of element types, in the order in which type promotion raises them (quantized types do not promote). */
    public enum Category { BOOL, INTEGRAL, FLOATING, COMPLEX, QUANTIZED }

    private static final ScalarType[] BY_CODE = values();

    private final int code;
    private final int byteSize;
    private final String printName;
    private final String storageName;
    private final String shortName;
    private final Category category;

    ScalarType(int code, int byteSize, String printName, String storageName, String shortName, Category category) {
        this.code = code;
        this.byteSize = byteSize;
        this.printName = printName;
        this.storageName = storageName;
        this.shortName = shortName;
        this.category = category;
    }

    /** The int that stands for this type in TorchScript programs. */
    public int code() { return code; }

    /** Bytes of one element. */
    public int byteSize() { return byteSize; }

    /** The name in printed graph types, {@code Float} in {@code Float(2, 3)}. */
    public String printName() { return printName; }

    /** The storage class named in archives, {@code FloatStorage}. */
    public String storageName() { return storageName; }

    /** The short name the command line uses, {@code f32}. */
    public String shortName() { return shortName; }

    public Category category() { return category; }

    public boolean isFloating() { return category == Category.FLOATING; }

    public boolean isComplex() { return category == Category.COMPLEX; }

    public boolean isQuantized() { return category == Category.QUANTIZED; }

    /** True for bool and the integer types. */
    public boolean isIntegral() { return category == Category.BOOL || category == Category.INTEGRAL; }

    /** The real type of a complex type's parts; any other type is returned as it is. */
    public ScalarType toReal() {
        return switch (this) {
            case COMPLEX32 -> FLOAT16;
            case COMPLEX64 -> FLOAT32;
            case COMPLEX128 -> FLOAT64;
            default -> this;
        };
    }

    /** The complex type whose parts are of this type; a complex type is returned as it is. */
    public ScalarType toComplex() {
        return switch (this) {
            case FLOAT16, COMPLEX32 -> COMPLEX32;
            case FLOAT64, COMPLEX128 -> COMPLEX128;
            default -> COMPLEX64;
        };
    }

    /** The type with this PyTorch code. @throws IllegalArgumentException for a code that Cresset does not know */
    public static ScalarType ofCode(long code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("no element type has the code " + code + "; known are 0 (Byte) to 15 (BFloat16)");
        }
        return BY_CODE[(int) code];
    }

    public static Optional<ScalarType> ofPrintName(String name) {
        for (ScalarType t : BY_CODE) if (t.printName.equals(name)) return Optional.of(t);
        return Optional.empty();
    }

    public static Optional<ScalarType> ofStorageName(String name) {
        for (ScalarType t : BY_CODE) if (t.storageName.equals(name)) return Optional.of(t);
        return Optional.empty();
    }

    public static Optional<ScalarType> ofShortName(String name) {
        for (ScalarType t : BY_CODE) if (t.shortName.equals(name)) return Optional.of(t);
        return Optional.empty();
    }

    /**
     * The smallest type both convert to, as PyTorch's {@code torch.promote_types}: the higher category wins; within a
     * category the wider type; uint8 with a signed type gives the next wider signed type; half with bfloat16 gives float32.
     *
     * @throws IllegalArgumentException if one is quantized and they differ
     */
    public static ScalarType promote(ScalarType a, ScalarType b) {
        if (a == b) return a;
        if (a.isQuantized() || b.isQuantized()) {
            throw new IllegalArgumentException("quantized types do not promote: " + a.printName + " with " + b.printName);
        }
        if (a.category.compareTo(b.category) < 0) return promote(b, a);
        if (a.category != b.category) {
            if (a.isComplex() && b.isFloating()) return promote(a, b.toComplex());
            return a;
        }
        return switch (a.category) {
            case BOOL -> BOOL;
            case INTEGRAL -> promoteIntegers(a, b);
            case FLOATING -> a.byteSize == b.byteSize ? FLOAT32 : wider(a, b);
            case COMPLEX -> wider(a, b);
            case QUANTIZED -> throw new AssertionError("handled above");
        };
    }

    private static ScalarType promoteIntegers(ScalarType a, ScalarType b) {
        if (a.byteSize == b.byteSize) return INT16; // uint8 and int8
        return wider(a, b);
    }

    private static ScalarType wider(ScalarType a, ScalarType b) { return a.byteSize > b.byteSize ? a : b; }
}
