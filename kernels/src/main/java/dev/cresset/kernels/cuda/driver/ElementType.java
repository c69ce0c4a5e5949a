package dev.cresset.kernels.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.MemorySegment;

/** Element types as cuBLAS and cuDNN number them. */
public enum ElementType {
    FLOAT(0, 0, 4), DOUBLE(1, 1, 8), HALF(2, 2, 2), BFLOAT16(14, 9, 2), INT8(3, 3, 1), INT32(10, 4, 4);

    final int cublas;
    final int cudnn;
    private final int bytes;

    ElementType(int cublas, int cudnn, int bytes) {
        this.cublas = cublas;
        this.cudnn = cudnn;
        this.bytes = bytes;
    }

    public int bytes() { return bytes; }

    /** Writes a factor of products of this type as the libraries read it: a double for double, else a float. */
    void putFactor(MemorySegment to, long at, double factor) {
        if (this == DOUBLE) to.set(JAVA_DOUBLE, at, factor);
        else to.set(JAVA_FLOAT, at, (float) factor);
    }

    /** @throws CudaUnsupportedException if the libraries have no such type */
    public static ElementType of(ScalarType type) {
        return switch (type) {
            case FLOAT32 -> FLOAT;
            case FLOAT64 -> DOUBLE;
            case FLOAT16 -> HALF;
            case BFLOAT16 -> BFLOAT16;
            case INT8 -> INT8;
            case INT32 -> INT32;
            default -> throw new CudaUnsupportedException("NVIDIA's libraries do not compute with " + type);
        };
    }
}
