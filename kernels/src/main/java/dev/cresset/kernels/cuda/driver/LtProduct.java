package dev.cresset.kernels.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** cuBLASLt's descriptions of a product and of its matrices, and its factors: what {@link BlasLt#run} repeats. */
public final class LtProduct implements AutoCloseable {
    private static final int TRANSPOSE_A = 3, TRANSPOSE_B = 4, EPILOGUE = 7, BIAS_POINTER = 8, BATCH_COUNT = 5, BATCH_DISTANCE = 6;

    private static final MethodHandle DESCRIBE = BlasLt.call("cublasLtMatmulDescCreate", ADDRESS, JAVA_INT, JAVA_INT),
        SET = BlasLt.call("cublasLtMatmulDescSetAttribute", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG),
        FORGET = BlasLt.call("cublasLtMatmulDescDestroy", JAVA_LONG),
        LAYOUT = BlasLt.call("cublasLtMatrixLayoutCreate", ADDRESS, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        LAYOUT_SET = BlasLt.call("cublasLtMatrixLayoutSetAttribute", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG),
        LAYOUT_FORGET = BlasLt.call("cublasLtMatrixLayoutDestroy", JAVA_LONG);

    private final DeviceContext context;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment cell = arena.allocate(8, 8), alpha = arena.allocate(8, 8), beta = arena.allocate(8, 8), algorithm = arena.allocate(64, 8);
    private final List<Long> layouts = new ArrayList<>();
    private long description;
    private long workspaceBytes;

    /** Without an algorithm and with factors 1 and 0. */
    LtProduct(DeviceContext context, BlasLt.Form form) {
        this.context = context;
        context.enter();
        try {
            boolean wide = form.type() == ElementType.DOUBLE;
            BlasLt.check(context, BlasLt.invoke(DESCRIBE, cell, Blas.computeType(form.type(), form.compute()), wide ? ElementType.DOUBLE.cublas : ElementType.FLOAT.cublas),
                "cublasLtMatmulDescCreate");
            description = cell.get(JAVA_LONG, 0);
            set(TRANSPOSE_A, form.a().transposed() ? 1 : 0);
            set(TRANSPOSE_B, form.b().transposed() ? 1 : 0);
            set(EPILOGUE, form.activation().epilogue(form.bias() != 0));
            if (form.bias() != 0) {
                cell.set(JAVA_LONG, 0, form.bias());
                BlasLt.check(context, BlasLt.invoke(SET, description, BIAS_POINTER, cell, 8L), "cublasLtMatmulDescSetAttribute");
            }
            layout(form, form.a(), form.m(), form.k());
            layout(form, form.b(), form.k(), form.n());
            layout(form, form.c(), form.m(), form.n());
            layout(form, form.d(), form.m(), form.n());
            factors(form.type(), 1, 0);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** @param context of the device that the algorithm was chosen on */
    public LtProduct(DeviceContext context, BlasLt.Algorithm chosen, double alpha, double beta) {
        this(context, chosen.form());
        factors(chosen.form().type(), alpha, beta);
        MemorySegment.copy(chosen.bytes(), 0, algorithm, JAVA_BYTE, 0, chosen.bytes().length);
        workspaceBytes = chosen.workspaceBytes();
    }

    private void factors(ElementType type, double a, double b) {
        type.putFactor(alpha, 0, a);
        type.putFactor(beta, 0, b);
    }

    private void set(int attribute, int value) {
        cell.set(JAVA_INT, 0, value);
        BlasLt.check(context, BlasLt.invoke(SET, description, attribute, cell, 4L), "cublasLtMatmulDescSetAttribute");
    }

    private void layout(BlasLt.Form form, BlasLt.Side side, long rows, long columns) {
        boolean t = side.transposed();
        BlasLt.check(context, BlasLt.invoke(LAYOUT, cell, form.type().cublas, t ? columns : rows, t ? rows : columns, side.leading()), "cublasLtMatrixLayoutCreate");
        long layout = cell.get(JAVA_LONG, 0);
        layouts.add(layout);
        if (form.count() == 1) return;
        cell.set(JAVA_INT, 0, form.count());
        BlasLt.check(context, BlasLt.invoke(LAYOUT_SET, layout, BATCH_COUNT, cell, 4L), "cublasLtMatrixLayoutSetAttribute");
        cell.set(JAVA_LONG, 0, side.distance());
        BlasLt.check(context, BlasLt.invoke(LAYOUT_SET, layout, BATCH_DISTANCE, cell, 8L), "cublasLtMatrixLayoutSetAttribute");
    }

    long description() { return description; }

    long a() { return layouts.get(0); }

    long b() { return layouts.get(1); }

    long c() { return layouts.get(2); }

    long d() { return layouts.get(3); }

    MemorySegment alpha() { return alpha; }

    MemorySegment beta() { return beta; }

    MemorySegment algorithm() { return algorithm; }

    long workspaceBytes() { return workspaceBytes; }

    @Override public void close() {
        if (context.enterToFree()) {
            for (long l : layouts) BlasLt.check(context, BlasLt.invoke(LAYOUT_FORGET, l), "cublasLtMatrixLayoutDestroy");
            if (description != 0) BlasLt.check(context, BlasLt.invoke(FORGET, description), "cublasLtMatmulDescDestroy");
        }
        arena.close();
    }
}
