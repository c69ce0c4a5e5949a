package dev.cresset.kernels.cuda.code;

import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Launches of hand-written kernels, collected until all of a test are known, so that they share a module; and what they should give. */
final class Families {
    static final CallContext CPU = new CallContext(Operators.catalog(), new Scope(new MemoryPool(1 << 24)), new Generator(0), System.out, 1, false);

    private record Launch(KernelSource kernel, long items, long[] slots) {}

    private record Check(String what, Tensor want, Tensor got, double tolerance) {}

    private final List<Launch> launches = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();
    private final List<Tensor> kept = new ArrayList<>();

    void launch(KernelSource kernel, long items, long[] slots) { launches.add(new Launch(kernel, items, slots)); }

    /** Addresses are in launches, so that their tensors must live. */
    long address(Tensor t) {
        kept.add(t);
        return t.data().address() + t.offset() * t.dtype().byteSize();
    }

    Tensor workspace(long bytes) { return Tensor.zeros(ScalarType.INT64, Math.ceilDiv(bytes, 8)); }

    void expect(String what, Tensor want, Tensor got, double tolerance) { checks.add(new Check(what, want, got, tolerance)); }

    /** @return how many kernels there were */
    int run() {
        EmulatedGpu.Module module = EmulatedGpu.instance().whole(KernelSource.module(launches.stream().map(Launch::kernel).toList()));
        for (Launch l : launches) {
            int blocks = Math.min(3, l.kernel.launch().blocks(l.items, 1));
            module.run(l.kernel.entry(), blocks, l.kernel.launch().threads(), l.slots);
        }
        checks.forEach(Families::check);
        return (int) launches.stream().map(l -> l.kernel.entry()).distinct().count();
    }

    private static void check(Check c) {
        Tensor got = c.got, want = c.want;
        for (int i = 0; i < want.numel(); i++) {
            Object w = Elements.get(want.data(), want.dtype(), want.offset() + i), g = Elements.get(got.data(), got.dtype(), got.offset() + i);
            if (!close(w, g, c.tolerance)) fail(c.what + ", element " + i + ": " + g + " instead of " + w);
        }
    }

    private static boolean close(Object want, Object got, double tolerance) {
        if (want.equals(got)) return true;
        return switch (want) {
            case Double w -> Double.isFinite(w) && Math.abs(w - (Double) got) <= tolerance * (1 + Math.abs(w));
            case Complex w -> close(w.re(), ((Complex) got).re(), tolerance) && close(w.im(), ((Complex) got).im(), tolerance);
            default -> false;
        };
    }

    static Tensor random(ScalarType t, Random random, long... sizes) {
        Tensor out = Tensor.zeros(t, sizes);
        for (int i = 0; i < out.numel(); i++) {
            if (t.isComplex()) Elements.setComplex(out.data(), t, i, random.nextGaussian(), random.nextGaussian());
            else if (t.isIntegral()) Elements.setLong(out.data(), t, i, t == ScalarType.BOOL ? random.nextInt(2) : random.nextInt(20));
            else Elements.setDouble(out.data(), t, i, random.nextGaussian());
        }
        return out;
    }

    static double tolerance(ScalarType t) {
        return switch (t.toReal()) {
            case FLOAT64 -> 1e-12;
            case FLOAT16 -> 2e-3;
            case BFLOAT16 -> 1.6e-2;
            default -> 2e-5;
        };
    }

    static Tensor cpu(String op, Object... arguments) {
        Object out = CPU.call("aten::" + op, arguments);
        return out instanceof Object[] several ? (Tensor) several[0] : (Tensor) out;
    }

    static Tensor cpu(int which, String op, Object... arguments) { return (Tensor) ((Object[]) CPU.call("aten::" + op, arguments))[which]; }
}
