package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;

/** The C names of element types and of the types values are computed in; {@code prelude.cuh} declares those C does not have. */
final class CudaTypes {
    private CudaTypes() {}

    /** Of an element in memory. */
    static String element(ScalarType t) {
        return switch (t) {
            case BOOL -> "b8";
            case UINT8, QUINT8 -> "unsigned char";
            case INT8, QINT8 -> "signed char";
            case INT16 -> "short";
            case INT32, QINT32 -> "int";
            case INT64 -> "i64";
            case FLOAT16 -> "f16";
            case BFLOAT16 -> "bf16";
            case FLOAT32 -> "float";
            case FLOAT64 -> "double";
            case COMPLEX32 -> "c32";
            case COMPLEX64 -> "c64";
            case COMPLEX128 -> "c128";
        };
    }

    /** Of a value; {@code t} may be narrow. */
    static String value(ScalarType t) {
        return switch (Expr.compute(t)) {
            case BOOL -> "bool";
            case INT64 -> "i64";
            case FLOAT32 -> "float";
            case FLOAT64 -> "double";
            case COMPLEX128 -> "c128";
            default -> throw new AssertionError("no compute type: " + t);
        };
    }
}
