package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Precision;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.ir.type.TensorType;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Operators round float32 to TF32 where the precision allows it, and nowhere else: the emulated libraries do where NVIDIA's may. */
@EmulatedCuda
class CudaPrecisionTest extends BesideTheHost {
    private final Random random = new Random(1);

    private Tensor random(long... sizes) {
        float[] v = new float[(int) Shapes.numel(sizes)];
        for (int i = 0; i < v.length; i++) v[i] = 2 * random.nextFloat() - 1;
        return Tensor.of(v, sizes);
    }

    /** Whether the first result comes from rounded operands. */
    private boolean isRounded(Precision p, String operator, Object... arguments) {
        CallContext there = new CallContext(OPS, scope, new Generator(1), System.out, 1, false).on(stream.call(null, new CpuFallback(), p));
        Object[] moved = new Object[arguments.length];
        for (int i = 0; i < moved.length; i++) moved[i] = moved(there, arguments[i]);
        double[] want = first(host.call(operator, arguments)).toDoubleArray(), got = first(there.call(operator, moved)).toDoubleArray();
        double error = 0;
        for (int i = 0; i < want.length; i++) error = Math.max(error, Math.abs(want[i] - got[i]));
        assertEquals(0, error, 1e-2);
        return error > 1e-5;
    }

    private static Object moved(CallContext there, Object argument) {
        return switch (argument) {
            case Tensor t -> there.place(t, there.device());
            case ScriptList l when !l.isEmpty() && l.getFirst() instanceof Tensor -> new ScriptList(TensorType.ANY, l.stream().map(v -> moved(there, v)).toList());
            case null, default -> argument;
        };
    }

    private static Tensor first(Object result) { return result instanceof Object[] several ? (Tensor) several[0] : (Tensor) result; }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void products(Precision p) {
        assertEquals(p == Precision.TF32, isRounded(p, "aten::mm", random(6, 9), random(9, 5)));
        assertEquals(p == Precision.TF32, isRounded(p, "aten::bmm", random(2, 6, 9), random(2, 9, 5)));
        assertEquals(p == Precision.TF32, isRounded(p, "aten::linear", random(6, 9), random(5, 9), random(5)));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void convolutions(Precision p) {
        assertEquals(p != Precision.FP32, isRounded(p, "aten::conv2d", random(1, 3, 6, 6), random(4, 3, 3, 3), random(4)));
        assertEquals(p != Precision.FP32, isRounded(p, "aten::conv_transpose2d.input", random(1, 3, 6, 6), random(3, 4, 3, 3), random(4)));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void recurrentLayers(Precision p) {
        ScriptList states = new ScriptList(TensorType.ANY, List.of(random(1, 2, 4), random(1, 2, 4)));
        ScriptList parameters = new ScriptList(TensorType.ANY, List.of(random(16, 3), random(16, 4), random(16), random(16)));
        assertEquals(p != Precision.FP32, isRounded(p, "aten::lstm.input", random(5, 2, 3), states, parameters, true, 1L, 0.0, false, false, false));
    }
}
