package dev.cresset.bench.soak;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.bench.soak.Soak.Length;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One encoder that is given a random shape at every call, beside the same encoder in an engine that only interprets, which
 * says what a call of this shape costs without plans.
 */
final class ShapeSoak {
    private static final int LAYERS = 4, WIDTH = 64;
    private static final long SAMPLE_EVERY = 50, WARM_UP = 500;

    private final Engine engine;
    private final Samples samples;
    private final int mostBatch, mostLength, threads;

    ShapeSoak(Engine engine, Samples samples, int mostBatch, int mostLength, int threads) {
        this.threads = threads;
        this.engine = engine;
        this.samples = samples;
        this.mostBatch = mostBatch;
        this.mostLength = mostLength;
    }

    /** @return also how a shape's first call compares with interpreting it, in thousandths: the median and nine in ten */
    Map<String, Long> run(Length length) {
        try (Engine interpreting = Engine.builder().mode(ExecutionMode.INTERPRET).threads(threads).build()) {
            return run(length, interpreting);
        }
    }

    private Map<String, Long> run(Length length, Engine interpreting) {
        SplittableRandom random = new SplittableRandom(1);
        Set<Long> shapes = new HashSet<>();
        float[] elements = new float[mostBatch * mostLength * WIDTH];
        for (int i = 0; i < elements.length; i++) elements[i] = (float) random.nextDouble(-1, 1);
        Tensor memory = Tensor.of(elements, elements.length);
        long calls = 0, start = System.nanoTime();
        List<Double> firstCalls = new ArrayList<>(), laterCalls = new ArrayList<>();
        byte[] archive = SoakModels.encoder(LAYERS, WIDTH);
        try (Program program = engine.load(archive, "encoder"); ScriptModule module = program.instantiate();
            Program other = interpreting.load(archive, "encoder"); ScriptModule interpreted = other.instantiate()) {
            samples.watch(program);
            for (; !length.reached(calls, start); calls++) {
                long batch = 1 + random.nextInt(mostBatch), size = 1 + random.nextInt(mostLength);
                boolean isNew = shapes.add(batch << 32 | size);
                Tensor x = memory.view(new long[] {batch, size, WIDTH}, new long[] {size * WIDTH, WIDTH, 1});
                boolean first = random.nextBoolean();
                double plain = first ? nanos(interpreted, x) : 0, ours = nanos(module, x);
                if (!first) plain = nanos(interpreted, x);
                if (calls >= WARM_UP) (isNew ? firstCalls : laterCalls).add(ours / plain);
                if (calls % SAMPLE_EVERY == 0) samples.take(calls);
            }
        }
        samples.take(calls);
        Map<String, Long> counts = new LinkedHashMap<>(Map.of("calls", calls, "shapes", (long) shapes.size()));
        tell("firstCall", firstCalls, counts);
        tell("laterCall", laterCalls, counts);
        return counts;
    }

    private static double nanos(ScriptModule module, Tensor x) {
        long start = System.nanoTime();
        try (Result result = module.forward(x)) {
            if (result.tensor().size(1) != x.size(1)) throw new IllegalStateException("a result of " + result.tensor().type() + " for " + x.type());
        }
        return System.nanoTime() - start;
    }

    private static void tell(String name, List<Double> ratios, Map<String, Long> counts) {
        if (ratios.isEmpty()) return;
        double[] sorted = ratios.stream().mapToDouble(r -> r).sorted().toArray();
        counts.put(name + "Permille", Math.round(1000 * sorted[sorted.length / 2]));
        counts.put(name + "Permille90", Math.round(1000 * sorted[sorted.length * 9 / 10]));
    }
}
