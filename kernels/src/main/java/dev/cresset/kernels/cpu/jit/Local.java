package dev.cresset.kernels.cpu.jit;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import dev.cresset.ir.type.ScalarType;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;

/** A local variable of generated code. */
record Local(int slot, Type type) {
    /** What it holds; BOOL is an int that is 0 or 1. */
    enum Type {
        INT(CD_int), BOOL(CD_int), LONG(CD_long), FLOAT(CD_float), DOUBLE(CD_double),
        FLOATS(ClassDesc.of("jdk.incubator.vector.FloatVector")), INTS(ClassDesc.of("jdk.incubator.vector.IntVector")),
        MASK(ClassDesc.of("jdk.incubator.vector.VectorMask")), ARRAY(CD_long.arrayType());

        final ClassDesc desc;

        Type(ClassDesc desc) { this.desc = desc; }

        TypeKind kind() { return TypeKind.from(desc); }

        /** The type of single values of a compute type. */
        static Type of(ScalarType compute) {
            return switch (compute) {
                case FLOAT32 -> FLOAT;
                case FLOAT64 -> DOUBLE;
                case INT64 -> LONG;
                case BOOL -> BOOL;
                default -> throw new IllegalArgumentException("no compute type of generated code: " + compute);
            };
        }
    }
}
