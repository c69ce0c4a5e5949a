package dev.cresset.kernels.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cresset.kernels.cuda.EmulatedCuda;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Products through cuBLAS's interface against loops in Java. */
@EmulatedCuda
class BlasTest {
    private static final int M = 3, N = 4, K = 5, COUNT = 2;

    private TestDevice device;
    private Blas blas;

    @BeforeEach void open() {
        device = new TestDevice();
        blas = new Blas(device.stream, device.memory(4096), 4096);
    }

    @AfterEach void close() {
        blas.close();
        device.close();
    }

    private static double[] random(int seed, int count) {
        Random r = new Random(seed);
        double[] out = new double[count];
        for (int i = 0; i < count; i++) out[i] = r.nextInt(-8, 9) / 8.0;    // exact in every type
        return out;
    }

    /** Column-major, as cuBLAS has it. */
    private static double[] product(double[] a, boolean ta, double[] b, boolean tb, double[] c, double alpha, double beta, int count) {
        double[] out = c.clone();
        for (int i = 0; i < count; i++) {
            for (int col = 0; col < N; col++) {
                for (int row = 0; row < M; row++) {
                    double sum = 0;
                    for (int k = 0; k < K; k++) {
                        sum += a[i * M * K + (ta ? k + row * K : row + k * M)] * b[i * K * N + (tb ? col + k * N : k + col * K)];
                    }
                    int at = i * M * N + row + col * M;
                    out[at] = alpha * sum + (beta == 0 ? 0 : beta * c[at]);
                }
            }
        }
        return out;
    }

    private long upload(ElementType type, double[] values) {
        float[] floats = new float[values.length];
        short[] shorts = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
            shorts[i] = type == ElementType.HALF ? Float.floatToFloat16(floats[i]) : (short) (Float.floatToRawIntBits(floats[i]) >>> 16);
        }
        return switch (type) {
            case DOUBLE -> device.upload(values);
            case FLOAT -> device.upload(floats);
            default -> device.upload(shorts);
        };
    }

    private double[] download(ElementType type, long address, int count) {
        double[] out = new double[count];
        switch (type) {
            case DOUBLE -> out = device.doubles(address, count);
            case FLOAT -> {
                float[] got = device.floats(address, count);
                for (int i = 0; i < count; i++) out[i] = got[i];
            }
            default -> {
                short[] got = device.shorts(address, count);
                for (int i = 0; i < count; i++) {
                    out[i] = type == ElementType.HALF ? Float.float16ToFloat(got[i]) : Float.intBitsToFloat(got[i] << 16);
                }
            }
        }
        return out;
    }

    @Test void allTypesAndTransposes() {
        double[] a = random(1, COUNT * M * K), b = random(2, COUNT * K * N), c = random(3, COUNT * M * N);
        for (ElementType type : new ElementType[] {ElementType.FLOAT, ElementType.DOUBLE, ElementType.HALF, ElementType.BFLOAT16}) {
            double error = type == ElementType.BFLOAT16 ? 0.02 : type == ElementType.HALF ? 0.003 : 0;
            for (int t = 0; t < 4; t++) {
                boolean ta = t % 2 == 1, tb = t > 1;
                double alpha = t == 3 ? 0.5 : 1, beta = t == 2 ? 2 : 0;
                long there = upload(type, c);
                var ma = new Blas.Matrix(upload(type, a), ta ? K : M, ta);
                var mb = new Blas.Matrix(upload(type, b), tb ? N : K, tb);
                var mc = new Blas.Matrix(there, M, false);
                blas.gemm(type, Blas.Compute.FULL, M, N, K, alpha, ma, mb, beta, mc);
                assertArrayEquals(product(a, ta, b, tb, c, alpha, beta, 1), download(type, there, COUNT * M * N), error, type + " " + t);
                there = upload(type, c);
                blas.gemmBatched(type, Blas.Compute.FULL, M, N, K, alpha, ma, M * K, mb, K * N, beta, new Blas.Matrix(there, M, false), M * N, COUNT);
                assertArrayEquals(product(a, ta, b, tb, c, alpha, beta, COUNT), download(type, there, COUNT * M * N), error, type + " " + t);
            }
        }
    }

    @Test void tf32RoundsItsInputs() {
        long a = device.upload(1.0001f), c = device.upload(0f);
        var one = new Blas.Matrix(a, 1, false);
        blas.gemm(ElementType.FLOAT, Blas.Compute.TF32, 1, 1, 1, 1, one, one, 0, new Blas.Matrix(c, 1, false));
        assertEquals(1, device.floats(c, 1)[0]);
        blas.gemm(ElementType.FLOAT, Blas.Compute.FULL, 1, 1, 1, 1, one, one, 0, new Blas.Matrix(c, 1, false));
        assertNotEquals(1, device.floats(c, 1)[0]);
    }

    @Test void refusesWhatDoesNotFit() {
        var m = new Blas.Matrix(device.upload(1f), 1, false);
        var e = assertThrows(CudaCallException.class, () -> blas.gemm(ElementType.FLOAT, Blas.Compute.FULL, 2, 1, 1, 1, m, m, 0, m));
        assertEquals("cublasGemmEx on cuda:0 answers CUBLAS_STATUS_INVALID_VALUE (7)", e.getMessage());
        assertThrows(CudaUnsupportedException.class, () -> blas.gemm(ElementType.INT32, Blas.Compute.FULL, 1, 1, 1, 1, m, m, 0, m));
    }

    @Test void goesIntoAGraph() {
        long a = device.upload(2f), c = device.upload(1f);
        var two = new Blas.Matrix(a, 1, false);
        try (ExecutableGraph graph = ExecutableGraph.record(device.stream,
            () -> blas.gemm(ElementType.FLOAT, Blas.Compute.FULL, 1, 1, 1, 1, two, two, 1, new Blas.Matrix(c, 1, false)))) {
            graph.launch(device.stream);
            graph.launch(device.stream);
            assertEquals(9, device.floats(c, 1)[0]);
        }
    }
}
