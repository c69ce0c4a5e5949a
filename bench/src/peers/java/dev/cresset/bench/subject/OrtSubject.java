package dev.cresset.bench.subject;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** ONNX Runtime with its default settings: all optimisations, spinning threads. */
public final class OrtSubject implements Subject {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final int threads;
    private OrtSession session;

    public OrtSubject(int threads) { this.threads = threads; }

    @Override public void load(Path folder) throws OrtException {
        Path file = folder.resolve("model.onnx");
        if (!Files.exists(file)) throw new IllegalArgumentException("the model could not be converted to ONNX");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            session = environment.createSession(file.toString(), options);
        }
    }

    @Override public Call prepare(List<FloatArray> inputs) throws OrtException {
        Map<String, OnnxTensor> arguments = new LinkedHashMap<>();
        Iterator<String> names = session.getInputNames().iterator();
        for (FloatArray a : inputs) arguments.put(names.next(), OnnxTensor.createTensor(environment, direct(a.data()), a.shape()));
        return new Call() {
            @Override public void run() throws OrtException { session.run(arguments).close(); }

            @Override public FloatArray output() throws OrtException {
                try (OrtSession.Result result = session.run(arguments)) {
                    OnnxTensor out = (OnnxTensor) result.get(0);
                    FloatBuffer buffer = out.getFloatBuffer();
                    float[] data = new float[buffer.remaining()];
                    buffer.get(data);
                    return new FloatArray(data, out.getInfo().getShape());
                }
            }

            @Override public void close() { arguments.values().forEach(OnnxTensor::close); }
        };
    }

    private static FloatBuffer direct(float[] data) {
        FloatBuffer buffer = ByteBuffer.allocateDirect(data.length * 4).order(ByteOrder.nativeOrder()).asFloatBuffer();
        return buffer.put(data).flip();
    }

    @Override public void close() throws OrtException {
        if (session != null) session.close();
    }
}
