package dev.cresset.kernels.cpu.jit;

import java.lang.constant.ClassDesc;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * Names of the Vector API for generated code, as symbols: a JVM without the module never loads its classes because of
 * this one.
 */
final class VectorApi {
    static final boolean IS_PRESENT = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

    private static final String PACKAGE = "jdk.incubator.vector.";
    static final ClassDesc VECTOR = ClassDesc.of(PACKAGE + "Vector"), FLOATS = Local.Type.FLOATS.desc, INTS = Local.Type.INTS.desc,
        MASK = Local.Type.MASK.desc, BYTES = ClassDesc.of(PACKAGE + "ByteVector"), SHORTS = ClassDesc.of(PACKAGE + "ShortVector"),
        SPECIES = ClassDesc.of(PACKAGE + "VectorSpecies"),
        SHUFFLE = ClassDesc.of(PACKAGE + "VectorShuffle"), OPERATORS = ClassDesc.of(PACKAGE + "VectorOperators"),
        COMPARISON = ClassDesc.of(PACKAGE + "VectorOperators$Comparison"), BINARY = ClassDesc.of(PACKAGE + "VectorOperators$Binary"),
        CONVERSION = ClassDesc.of(PACKAGE + "VectorOperators$Conversion");
    static final ClassDesc SEGMENT = MemorySegment.class.describeConstable().orElseThrow(),
        ORDER = ByteOrder.class.describeConstable().orElseThrow();

    private VectorApi() {}
}
