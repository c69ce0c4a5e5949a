package dev.cresset.kernels.cpu.jit;

import java.util.List;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The vectors that generated code computes with, and its constants of them. Loaded only where the Vector API is. */
final class VectorShapes {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    static final int LANES = FLOATS.length();
    /** As many bytes as there are float lanes; null if no vector is that short. */
    static final VectorSpecies<Byte> BYTES = LANES < 8 ? null : ByteVector.SPECIES_64.withShape(VectorShape.forBitSize(8 * LANES));
    static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, VectorShape.forBitSize(16 * LANES));
    /** Shuffles that bring the upper half of 2, 4, 8 … lanes down. */
    static final VectorShuffle<Float> DOWN_1 = down(1), DOWN_2 = down(2), DOWN_4 = down(4), DOWN_8 = down(8);

    static {
        // A class loaded later may cost code its compilation that was compiled as if there were no such class.
        for (VectorSpecies<?> s : BYTES == null ? List.of(FLOATS, INTS, SHORTS) : List.of(FLOATS, INTS, SHORTS, BYTES)) {
            s.zero().test(VectorOperators.IS_DEFAULT).not();
            s.maskAll(true);
            s.iotaShuffle(0, 1, true);
        }
        IntVector ints = (IntVector) FloatVector.zero(FLOATS).convert(VectorOperators.F2I, 0);
        ints.min(1).lanewise(VectorOperators.LSHL, 1).convert(VectorOperators.I2F, 0).reinterpretAsInts();
        ints.compare(VectorOperators.EQ, 0).cast(FLOATS);
    }

    private VectorShapes() {}

    private static VectorShuffle<Float> down(int by) { return VectorShuffle.fromOp(FLOATS, i -> (i + by) % LANES); }
}
