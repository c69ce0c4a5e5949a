package dev.cresset.kernels.cuda.code;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That lanes hold of small matrices what the PTX ISA says ("Matrix Fragments for mma.m16n8k16", "ldmatrix"), in {@code mma.cuh} as emulated. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class TensorCoreTest {
    private static final int LANES = 32;

    /** Elements of A (or B) that a lane gives by number, and of C that it gets. */
    private static int rowOfA(int lane, int i) { return lane / 4 + (i < 2 || 4 <= i && i < 6 ? 0 : 8); }

    private static int columnOfA(int lane, int i) { return lane % 4 * 2 + (i & 1) + (i < 4 ? 0 : 8); }

    private static int rowOfB(int lane, int i) { return lane % 4 * 2 + (i & 1) + (i < 2 ? 0 : 8); }

    private static int columnOfB(int lane) { return lane / 4; }

    private static int rowOfC(int lane, int i) { return lane / 4 + (i < 2 ? 0 : 8); }

    private static int columnOfC(int lane, int i) { return lane % 4 * 2 + (i & 1); }

    private static KernelText kernel(ScalarType t, String name, String body) {
        String source = "struct " + name + "_args { const u32* a; const u32* b; float* c; u32* words; };\nextern \"C\" __global__ void " + name + "(const "
            + name + "_args p) {\n    typedef " + CudaTypes.element(t) + " T;\n" + body + "\n}\n";
        return new KernelText(name, source, List.of(), Launch.block(LANES), 1);
    }

    private static String unit(KernelText k) { return Prelude.text() + Prelude.resource("mma.cuh") + k.source(); }

    private static long address(Tensor t) { return t.data().address(); }

    private static double at(Tensor t, int row, int column, int columns) { return Elements.getDouble(t.data(), t.dtype(), (long) row * columns + column); }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void product(ScalarType t) {
        Random random = new Random(5);
        Tensor a = Families.random(t, random, 16, 16), b = Families.random(t, random, 16, 8), c = Families.random(ScalarType.FLOAT32, random, 16, 8);
        Tensor aOfLanes = Tensor.zeros(t, LANES, 8), bOfLanes = Tensor.zeros(t, LANES, 4), cOfLanes = Tensor.zeros(ScalarType.FLOAT32, LANES, 4);
        for (int lane = 0; lane < LANES; lane++) {
            for (int i = 0; i < 8; i++) Elements.setDouble(aOfLanes.data(), t, lane * 8 + i, at(a, rowOfA(lane, i), columnOfA(lane, i), 16));
            for (int i = 0; i < 4; i++) Elements.setDouble(bOfLanes.data(), t, lane * 4 + i, at(b, rowOfB(lane, i), columnOfB(lane), 8));
            for (int i = 0; i < 4; i++) Elements.setDouble(cOfLanes.data(), cOfLanes.dtype(), lane * 4 + i, at(c, rowOfC(lane, i), columnOfC(lane, i), 8));
        }
        KernelText k = kernel(t, "product", """
                int lane = k_lane();
                u32 a[4];
                float c[4];
                for (int i = 0; i < 4; i++) {
                    a[i] = p.a[lane * 4 + i];
                    c[i] = p.c[lane * 4 + i];
                }
                k_mma(T(), c, a, p.b[lane * 2], p.b[lane * 2 + 1]);
                for (int i = 0; i < 4; i++) p.c[lane * 4 + i] = c[i];""");
        try (EmulatedGpu gpu = new EmulatedGpu(unit(k))) {
            gpu.run(k, 1, new long[] {address(aOfLanes), address(bOfLanes), address(cOfLanes), 0});
        }
        for (int lane = 0; lane < LANES; lane++) {
            for (int i = 0; i < 4; i++) {
                int row = rowOfC(lane, i), column = columnOfC(lane, i);
                double want = at(c, row, column, 8);
                for (int n = 0; n < 16; n++) want += at(a, row, n, 16) * at(b, n, column, 8);
                assertEquals(want, at(cOfLanes, lane, i, 4), 1e-4, "lane " + lane + ", element " + i);
            }
        }
    }

    /** "Matrix Fragments for mma.m16n8k8" of type .tf32: A has one element in a word, rows and columns in the order of the others'. */
    @Test void productOfTf32() {
        Random random = new Random(6);
        ScalarType t = ScalarType.FLOAT32;
        Tensor a = Families.random(t, random, 16, 8), b = Families.random(t, random, 8, 8), c = Families.random(t, random, 16, 8);
        Tensor aOfLanes = Tensor.zeros(t, LANES, 4), bOfLanes = Tensor.zeros(t, LANES, 2), cOfLanes = Tensor.zeros(t, LANES, 4);
        for (int lane = 0; lane < LANES; lane++) {
            for (int i = 0; i < 4; i++) Elements.setDouble(aOfLanes.data(), t, lane * 4 + i, at(a, lane / 4 + i % 2 * 8, lane % 4 + i / 2 * 4, 8));
            for (int i = 0; i < 2; i++) Elements.setDouble(bOfLanes.data(), t, lane * 2 + i, at(b, lane % 4 + i * 4, lane / 4, 8));
            for (int i = 0; i < 4; i++) Elements.setDouble(cOfLanes.data(), t, lane * 4 + i, at(c, rowOfC(lane, i), columnOfC(lane, i), 8));
        }
        KernelText k = kernel(t, "product", """
                int lane = k_lane();
                u32 a[4];
                float c[4];
                for (int i = 0; i < 4; i++) {
                    a[i] = k_operand(T(), p.a[lane * 4 + i]);
                    c[i] = p.c[lane * 4 + i];
                }
                k_mma(T(), c, a, k_operand(T(), p.b[lane * 2]), k_operand(T(), p.b[lane * 2 + 1]));
                for (int i = 0; i < 4; i++) p.c[lane * 4 + i] = c[i];""");
        try (EmulatedGpu gpu = new EmulatedGpu(unit(k))) {
            gpu.run(k, 1, new long[] {address(aOfLanes), address(bOfLanes), address(cOfLanes), 0});
        }
        for (int lane = 0; lane < LANES; lane++) {
            for (int i = 0; i < 4; i++) {
                double want = at(c, rowOfC(lane, i), columnOfC(lane, i), 8);
                for (int n = 0; n < 8; n++) want += tf32(at(a, rowOfC(lane, i), n, 8)) * tf32(at(b, n, columnOfC(lane, i), 8));
                assertEquals(want, at(cOfLanes, lane, i, 4), 1e-5, "lane " + lane + ", element " + i);
            }
        }
    }

    /** Ten bits of the fraction, the nearer ones, of two that are as near those farther from zero: cvt.rna. */
    private static double tf32(double v) {
        int bits = Float.floatToRawIntBits((float) v);
        return Float.intBitsToFloat(bits + 0x1000 & ~0x1fff);
    }

    /** Four matrices, one after the other, each with rows of 8 elements: element e of the 256 is e. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void matrices(ScalarType t) {
        Tensor elements = Tensor.zeros(t, 4, 8, 8), words = Tensor.zeros(ScalarType.INT32, 2, LANES, 4), pairs = Tensor.zeros(ScalarType.INT32, LANES);
        for (int e = 0; e < 256; e++) Elements.setDouble(elements.data(), t, e, e);
        KernelText k = kernel(t, "matrices", """
                __shared__ k_pack<T, 8> tile[32];
                int lane = k_lane();
                k_bring(tile + lane, (const k_pack<T, 8>*) p.a + lane, true);
                k_arrived();
                __syncthreads();
                u32 r[4];
                k_matrices(r, tile + lane);
                for (int j = 0; j < 4; j++) p.words[lane * 4 + j] = r[j];
                k_matrices_transposed(r, tile + lane);
                for (int j = 0; j < 4; j++) p.words[128 + lane * 4 + j] = r[j];
                ((u32*) p.c)[lane] = k_pair(T(), (float) lane, 0.5f);
                __syncwarp();
                k_bring(tile + lane, p.a, false);
                k_arrived();
                if (tile[lane].e[7].bits != 0) __trap();""");
        try (EmulatedGpu gpu = new EmulatedGpu(unit(k))) {
            gpu.run(k, 1, new long[] {address(elements), 0, address(pairs), address(words)});
        }
        for (int lane = 0; lane < LANES; lane++) {
            for (int j = 0; j < 4; j++) {
                for (int half = 0; half < 2; half++) {
                    int near = lane / 4, far = lane % 4 * 2 + half, at = (lane * 4 + j) * 2 + half;
                    assertEquals(j * 64 + near * 8 + far, Elements.getDouble(words.data(), t, at), "lane " + lane + ", word " + j);
                    assertEquals(j * 64 + far * 8 + near, Elements.getDouble(words.data(), t, 256 + at), "lane " + lane + ", word " + j + ", transposed");
                }
            }
            assertEquals(lane, Elements.getDouble(pairs.data(), t, 2 * lane));
            assertEquals(0.5, Elements.getDouble(pairs.data(), t, 2 * lane + 1));
        }
    }

    /** What is on its way is not there before it has been waited for: the two groups brought by each lane, and what is in none. */
    @Test void copiesAreThereOnceWaitedFor() {
        Tensor elements = Tensor.zeros(ScalarType.FLOAT32, 3 * LANES, 4), seen = Tensor.zeros(ScalarType.FLOAT32, 5, 3, LANES);
        for (int e = 0; e < elements.numel(); e++) Elements.setDouble(elements.data(), elements.dtype(), e, e + 1);
        KernelText k = kernel(ScalarType.FLOAT32, "copies", """
                __shared__ k_pack<float, 4> tile[3 * 32];
                int lane = k_lane();
                float* out = p.c;
                for (int i = 0; i < 3; i++) {
                    k_bring(tile + i * 32 + lane, (const k_pack<T, 4>*) p.a + i * 32 + lane, i != 1 || lane % 2 == 0);
                    if (i < 2) k_end_group();
                }
                for (int step = 0; step < 5; step++) {
                    if (step == 1) k_arrived_but<2>();
                    if (step == 2) k_arrived_but<1>();
                    if (step == 3) k_arrived_but<0>();
                    if (step == 4) k_arrived();
                    for (int i = 0; i < 3; i++) out[(step * 3 + i) * 32 + lane] = tile[i * 32 + lane].e[3];
                }
                k_bring(tile + lane, p.a, true);""");
        try (EmulatedGpu gpu = new EmulatedGpu(unit(k))) {
            gpu.run(k, 2, new long[] {address(elements), 0, address(seen), 0});
        }
        for (int step = 0; step < 5; step++) {
            int there = step < 2 ? 0 : step - 1;
            for (int i = 0; i < 3; i++) {
                for (int lane = 0; lane < LANES; lane++) {
                    double want = i >= there ? Double.NaN : i == 1 && lane % 2 == 1 ? 0 : (i * LANES + lane) * 4 + 4;
                    assertEquals(want, at(seen, step * 3 + i, lane, LANES), "step " + step + ", copy " + i + ", lane " + lane);
                }
            }
        }
    }
}
