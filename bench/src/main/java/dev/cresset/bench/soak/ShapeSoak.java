package dev.cresset.bench.soak;

import dev.cresset.Engine;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.bench.soak.Soak.Length;
import dev.cresset.tensor.Tensor;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** One encoder that is given a random shape at every call. */
final class ShapeSoak {
    private static final int LAYERS = 4, WIDTH = 64;
    private static final long SAMPLE_EVERY = 50;

    private final Engine engine;
    private final Samples samples;
    private final int mostBatch, mostLength;

    ShapeSoak(Engine engine, Samples samples, int mostBatch, int mostLength) {
        this.engine = engine;
        this.samples = samples;
        this.mostBatch = mostBatch;
        this.mostLength = mostLength;
    }

    Map<String, Long> run(Length length) {
        SplittableRandom random = new SplittableRandom(1);
        Set<Long> shapes = new HashSet<>();
        float[] elements = new float[mostBatch * mostLength * WIDTH];
        for (int i = 0; i < elements.length; i++) elements[i] = (float) random.nextDouble(-1, 1);
        Tensor memory = Tensor.of(elements, elements.length);
        long calls = 0, start = System.nanoTime();
        try (Program program = engine.load(SoakModels.encoder(LAYERS, WIDTH), "encoder"); ScriptModule module = program.instantiate()) {
            samples.watch(program);
            for (; !length.reached(calls, start); calls++) {
                long batch = 1 + random.nextInt(mostBatch), size = 1 + random.nextInt(mostLength);
                shapes.add(batch << 32 | size);
                Tensor x = memory.view(new long[] {batch, size, WIDTH}, new long[] {size * WIDTH, WIDTH, 1});
                try (Result result = module.forward(x)) {
                    if (result.tensor().size(1) != size) throw new IllegalStateException("a result of " + result.tensor().type() + " for " + x.type());
                }
                if (calls % SAMPLE_EVERY == 0) samples.take(calls);
            }
        }
        samples.take(calls);
        return Map.of("calls", calls, "shapes", (long) shapes.size());
    }
}
