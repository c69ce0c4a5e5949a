package dev.cresset.kernels.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * cuBLASLt: products of matrices together with what is done to their results, {@code D = f(alpha op(A) op(B) + beta C + bias)}, by an
 * algorithm that is chosen once. JCuda has no binding for it. For one thread at a time.
 */
public final class BlasLt implements AutoCloseable {
    /** What is done to a result in the end. NVIDIA's RELU makes 0 of NaN; its GELU is the approximation by tanh. */
    public enum Activation {
        NONE(1), RELU(2), GELU_TANH(32);

        private static final int BIAS = 4;
        private final int code;

        Activation(int code) { this.code = code; }

        /** NVIDIA's number of the epilogue; DEFAULT, 1, is only that of doing nothing. */
        int epilogue(boolean bias) { return !bias ? code : this == NONE ? BIAS : code | BIAS; }
    }

    /**
     * How matrices of a product lie, column-major.
     *
     * @param leading   the distance of columns in elements
     * @param distance  of one matrix of a batch to the next in elements; 0 takes the same one each time
     * @param alignment bytes of which all addresses that it will be used with are multiples
     */
    public record Side(boolean transposed, long leading, long distance, int alignment) {}

    /**
     * A kind of product.
     *
     * @param type  of all elements; sums and factors are float, for double double
     * @param m     rows of C and D
     * @param count matrices of a batch; with a bias 1
     * @param bias  the address of a vector that is added to each column, m elements, aligned to 16 bytes; 0 for none
     */
    public record Form(ElementType type, Blas.Compute compute, long m, long n, long k, int count, Side a, Side b, Side c, Side d, long bias,
                       Activation activation) {}

    /** A choice of the library's for a form. @param bytes what it knows the algorithm by */
    public record Algorithm(Form form, byte[] bytes, long workspaceBytes) {}

    private static final int ALGORITHM_BYTES = 64, RESULT_BYTES = 96, RESULT_WORKSPACE = 64, RESULT_STATE = 72;
    private static final int NOT_SUPPORTED = 15, INVALID_VALUE = 7;
    private static final int PREFER_WORKSPACE = 1, PREFER_REDUCTIONS = 3, PREFER_ALIGNMENT_OF_A = 5;
    /** Parts of a sum are added up in the type of sums, not in the 16-bit type of the result. */
    private static final int REDUCTION_IN_COMPUTE_TYPE = 2;

    private static final MethodHandle CREATE = call("cublasLtCreate", ADDRESS), DESTROY = call("cublasLtDestroy", JAVA_LONG),
        PREFERENCE_CREATE = call("cublasLtMatmulPreferenceCreate", ADDRESS),
        PREFERENCE_SET = call("cublasLtMatmulPreferenceSetAttribute", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG),
        PREFERENCE_DESTROY = call("cublasLtMatmulPreferenceDestroy", JAVA_LONG),
        HEURISTIC = call("cublasLtMatmulAlgoGetHeuristic", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS),
        MATMUL = call("cublasLtMatmul", JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG,
            JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private final Stream stream;
    private final long handle;
    private boolean closed;

    public BlasLt(Stream stream) {
        this.stream = stream;
        stream.context().enter();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            check(stream.context(), stream.context().betweenRecordings(() -> invoke(CREATE, out)), "cublasLtCreate");
            handle = out.get(JAVA_LONG, 0);
        }
    }

    static MethodHandle call(String name, MemoryLayout... arguments) {
        return Linker.nativeLinker().downcallHandle(Cuda.blasLt().find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, arguments));
    }

    static int invoke(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (Throwable t) {
            throw new IllegalStateException("cuBLASLt cannot be called", t);
        }
    }

    static void check(DeviceContext context, int status, String call) { context.check(Status.CUBLAS, status, call); }

    /**
     * The algorithm that the library thinks is the fastest.
     *
     * @param mostWorkspace bytes that it may want
     * @return empty if the library has none for such products
     */
    public Optional<Algorithm> choose(Form form, long mostWorkspace) {
        DeviceContext context = stream.context();
        context.enter();
        try (Arena arena = Arena.ofConfined(); LtProduct product = new LtProduct(context, form)) {
            MemorySegment out = arena.allocate(JAVA_LONG), results = arena.allocate(RESULT_BYTES, 8), count = arena.allocate(JAVA_INT);
            check(context, invoke(PREFERENCE_CREATE, out), "cublasLtMatmulPreferenceCreate");
            long preference = out.get(JAVA_LONG, 0);
            try {
                prefer(preference, PREFER_WORKSPACE, arena.allocateFrom(JAVA_LONG, mostWorkspace));
                boolean narrow = form.type == ElementType.HALF || form.type == ElementType.BFLOAT16;
                if (narrow) prefer(preference, PREFER_REDUCTIONS, arena.allocateFrom(JAVA_INT, REDUCTION_IN_COMPUTE_TYPE));
                Side[] sides = {form.a, form.b, form.c, form.d};
                for (int i = 0; i < sides.length; i++) prefer(preference, PREFER_ALIGNMENT_OF_A + i, arena.allocateFrom(JAVA_INT, sides[i].alignment));
                int status = invoke(HEURISTIC, handle, product.description(), product.a(), product.b(), product.c(), product.d(), preference, 1, results, count);
                if (status == NOT_SUPPORTED || status == INVALID_VALUE) return Optional.empty();
                check(context, status, "cublasLtMatmulAlgoGetHeuristic");
            } finally {
                int ignored = invoke(PREFERENCE_DESTROY, preference);   // nothing hangs on it
            }
            if (count.get(JAVA_INT, 0) == 0 || results.get(JAVA_INT, RESULT_STATE) != 0) return Optional.empty();
            byte[] algorithm = results.asSlice(0, ALGORITHM_BYTES).toArray(JAVA_BYTE);
            return Optional.of(new Algorithm(form, algorithm, results.get(JAVA_LONG, RESULT_WORKSPACE)));
        }
    }

    private void prefer(long preference, int attribute, MemorySegment value) {
        check(stream.context(), invoke(PREFERENCE_SET, preference, attribute, value, value.byteSize()), "cublasLtMatmulPreferenceSetAttribute");
    }

    /**
     * Gives a product to the stream.
     *
     * @param c         may be that of D; not read if the product's beta is 0
     * @param workspace of as many bytes as its algorithm wants
     */
    public void run(LtProduct product, long a, long b, long c, long d, long workspace) {
        stream.context().enter();
        int status;
        try {
            status = (int) MATMUL.invokeExact(handle, product.description(), product.alpha(), a, product.a(), b, product.b(), product.beta(), c, product.c(),
                d, product.d(), product.algorithm(), workspace, product.workspaceBytes(), stream.address());
        } catch (Throwable t) {
            throw new IllegalStateException("cublasLtMatmul cannot be called", t);
        }
        check(stream.context(), status, "cublasLtMatmul");
    }

    @Override public void close() {
        if (closed) return;
        closed = true;
        if (stream.context().enterToFree()) check(stream.context(), stream.context().betweenRecordings(() -> invoke(DESTROY, handle)), "cublasLtDestroy");
    }
}
