package dev.cresset.kernels.cpu.jit;

import static dev.cresset.kernels.cpu.jit.VectorApi.BYTES;
import static dev.cresset.kernels.cpu.jit.VectorApi.FLOATS;
import static dev.cresset.kernels.cpu.jit.VectorApi.INTS;
import static dev.cresset.kernels.cpu.jit.VectorApi.MASK;
import static dev.cresset.kernels.cpu.jit.VectorApi.ORDER;
import static dev.cresset.kernels.cpu.jit.VectorApi.SEGMENT;
import static dev.cresset.kernels.cpu.jit.VectorApi.SHAPES;
import static dev.cresset.kernels.cpu.jit.VectorApi.SHORTS;
import static dev.cresset.kernels.cpu.jit.VectorApi.SPECIES;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.cresset.ir.type.ScalarType;
import java.lang.constant.ClassDesc;
import java.lang.foreign.MemorySegment;

/** Writes code that moves vectors between memory and the stack, as vectors of the element type. */
final class VectorMemory {
    private final Assembler a;

    VectorMemory(Assembler assembler) { this.a = assembler; }

    private static String species(ScalarType type) {
        return switch (type.byteSize()) {
            case 1 -> "BYTES";
            case 2 -> "SHORTS";
            default -> type == ScalarType.FLOAT32 ? "FLOATS" : "INTS";
        };
    }

    private static ClassDesc vector(ScalarType type) {
        return switch (type.byteSize()) {
            case 1 -> BYTES;
            case 2 -> SHORTS;
            default -> type == ScalarType.FLOAT32 ? FLOATS : INTS;
        };
    }

    /** @param mask the lanes to load, as a mask of floats; null for all. @param address puts the address on the stack */
    void load(ScalarType type, Local mask, Runnable address) {
        ClassDesc vector = vector(type);
        a.field(SHAPES, species(type), SPECIES);
        place(address);
        if (mask == null) {
            a.callStatic(vector, "fromMemorySegment", vector, SPECIES, SEGMENT, CD_long, ORDER);
        } else {
            mask(type, mask).callStatic(vector, "fromMemorySegment", vector, SPECIES, SEGMENT, CD_long, ORDER, MASK);
        }
    }

    /** Stores the vector on the stack; parameters as of {@link #load}. */
    void store(ScalarType type, Local mask, Runnable address) {
        ClassDesc vector = vector(type);
        place(address);
        if (mask == null) {
            a.call(vector, "intoMemorySegment", CD_void, SEGMENT, CD_long, ORDER);
        } else {
            mask(type, mask).call(vector, "intoMemorySegment", CD_void, SEGMENT, CD_long, ORDER, MASK);
        }
    }

    private void place(Runnable address) {
        a.constantField(Memory.class, "ALL", MemorySegment.class);
        address.run();
        a.field(ORDER, "LITTLE_ENDIAN", ORDER);
    }

    private Assembler mask(ScalarType type, Local mask) {
        a.load(mask);
        return type == ScalarType.FLOAT32 ? a : a.field(SHAPES, species(type), SPECIES).call(MASK, "cast", MASK, SPECIES);
    }
}
