package dev.cresset.bench.soak;

import dev.cresset.Engine;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.bench.soak.Soak.Length;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Many threads that call one instance of one program, with a few shapes; each shape's result must be the same bits always. */
final class ThreadSoak {
    private static final int LAYERS = 2, WIDTH = 64, WARM_CALLS = 8;
    private static final int[] LENGTHS = {1, 7, 32, 61};

    private final Engine engine;
    private final Samples samples;
    private final int threads;
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<float[]> expected = new ArrayList<>();
    private final AtomicLong calls = new AtomicLong();

    ThreadSoak(Engine engine, Samples samples, int threads) {
        this.engine = engine;
        this.samples = samples;
        this.threads = threads;
    }

    Map<String, Long> run(Length length) throws Exception {
        try (Program program = engine.load(SoakModels.encoder(LAYERS, WIDTH), "encoder"); ScriptModule module = program.instantiate();
             ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            samples.watch(program);
            warm(module);
            long start = System.nanoTime();
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int first = t;
                all.add(pool.submit(() -> call(module, first, length, start)));
            }
            for (Future<?> f : all) f.get();
        }
        samples.take(calls.get());
        return Map.of("calls", calls.get(), "threads", (long) threads);
    }

    /** Lets the engine see each shape until it has its plan, and notes the result. */
    private void warm(ScriptModule module) {
        SplittableRandom random = new SplittableRandom(2);
        for (int size : LENGTHS) {
            float[] x = new float[size * WIDTH];
            for (int i = 0; i < x.length; i++) x[i] = (float) random.nextDouble(-1, 1);
            inputs.add(Tensor.of(x, 1, size, WIDTH));
        }
        for (int i = 0; i < WARM_CALLS; i++) for (Tensor x : inputs) output(module, x);
        for (Tensor x : inputs) expected.add(output(module, x));
    }

    private void call(ScriptModule module, int first, Length length, long start) {
        for (int i = first; ; i++) {
            long done = calls.getAndIncrement();
            if (length.reached(done, start)) {
                calls.decrementAndGet();
                return;
            }
            int shape = i % LENGTHS.length;
            if (!Arrays.equals(expected.get(shape), output(module, inputs.get(shape)))) {
                throw new IllegalStateException("call " + done + ", length " + LENGTHS[shape] + ": other bits than before");
            }
            if (done % 1000 == 0) samples.take(done);
        }
    }

    private static float[] output(ScriptModule module, Tensor x) {
        try (Result result = module.forward(x)) {
            return result.tensor().toFloatArray();
        }
    }
}
