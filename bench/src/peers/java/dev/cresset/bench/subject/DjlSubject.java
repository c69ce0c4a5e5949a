package dev.cresset.bench.subject;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import java.nio.file.Path;
import java.util.List;

/** libtorch through DJL. Its thread counts are system properties, read once and set by the parent process. */
public final class DjlSubject implements Subject {
    private Model model;
    private Predictor<NDList, NDList> predictor;
    private final NDManager manager;

    public DjlSubject(int threads) {
        String set = System.getProperty("ai.djl.pytorch.num_threads");
        if (!String.valueOf(threads).equals(set)) throw new IllegalStateException("ai.djl.pytorch.num_threads is " + set + ", not " + threads);
        manager = NDManager.newBaseManager("PyTorch");
    }

    @Override public void load(Path folder) throws Exception {
        model = Model.newInstance("model", "PyTorch");
        model.load(folder, "model");
        predictor = model.newPredictor(new NoopTranslator(null));
    }

    @Override public Call prepare(List<FloatArray> inputs) {
        NDList arguments = new NDList();
        for (FloatArray a : inputs) arguments.add(manager.create(a.data(), new Shape(a.shape())));
        return new Call() {
            @Override public void run() throws Exception { predictor.predict(arguments).close(); }

            @Override public FloatArray output() throws Exception {
                try (NDList result = predictor.predict(arguments)) {
                    NDArray out = result.singletonOrThrow();
                    return new FloatArray(out.toFloatArray(), out.getShape().getShape());
                }
            }

            @Override public void close() { arguments.close(); }
        };
    }

    @Override public void close() {
        if (predictor != null) predictor.close();
        if (model != null) model.close();
        manager.close();
    }
}
