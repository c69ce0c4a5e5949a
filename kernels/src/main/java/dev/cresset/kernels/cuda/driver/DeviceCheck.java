package dev.cresset.kernels.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** Tries a device for a moment: compiles and runs a kernel, multiplies with cuBLAS, computes with cuDNN, reads the results. */
public final class DeviceCheck {
    private static final String SOURCE = """
        extern "C" __global__ void fill(float *p, float value) { p[threadIdx.x] = value; }
        """;
    private static final int WORKSPACE_BYTES = 1 << 20;

    private DeviceCheck() {}

    /** @throws CudaException that says what does not work */
    public static void run(DeviceContext context) {
        byte[] cubin = Nvrtc.compile("check.cu", SOURCE, context.properties().architecture(), List.of());
        try (Stream stream = new Stream(context); DeviceAllocator allocator = new DeviceAllocator(context);
             Transfers transfers = new Transfers(stream); KernelModule module = new KernelModule(context, cubin)) {
            DeviceAllocator.Block values = allocator.take(4 * Float.BYTES, stream);
            DeviceAllocator.Block results = allocator.take(4 * Float.BYTES, stream);
            DeviceAllocator.Block workspace = allocator.take(WORKSPACE_BYTES, stream);
            try {
                module.function("fill").launch(stream, 1, 4, 0, new KernelArguments().pointer(values.address()).number(3f));
                compute(stream, values.address(), results.address(), workspace.address());
                float[] got = new float[4];
                transfers.toHost(results.address(), MemorySegment.ofArray(got), 4 * Float.BYTES);
                if (!Arrays.equals(got, new float[] {0.5f, 0.5f, 0.5f, 0.5f})) {
                    throw new CudaCallException("cuda:" + context.ordinal() + " computes " + Arrays.toString(got) + " where 0.5 is right");
                }
            } finally {
                for (DeviceAllocator.Block b : List.of(values, results, workspace)) allocator.giveBack(b, stream);
            }
        }
    }

    /** A product of two by two matrices of equal elements, then a softmax over its columns: 0.5 everywhere. */
    private static void compute(Stream stream, long values, long results, long workspace) {
        try (Blas blas = new Blas(stream, workspace, WORKSPACE_BYTES); Dnn dnn = new Dnn(stream);
             TensorDescriptor shape = TensorDescriptor.contiguous(stream.context(), ElementType.FLOAT, 2, 2, 1, 1)) {
            Blas.Matrix a = new Blas.Matrix(values, 2, false);
            blas.gemm(ElementType.FLOAT, Blas.Compute.FULL, 2, 2, 2, 1, a, a, 0, new Blas.Matrix(results, 2, false));
            dnn.softmax(ElementType.FLOAT, false, shape, results, shape, results);
            stream.synchronize();
        }
    }
}
