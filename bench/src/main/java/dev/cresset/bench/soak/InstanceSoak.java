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

/** Many instances of one program with a state, called in turn; instances that hear the same must say the same. */
final class InstanceSoak {
    private static final int WIDTH = 64, SPEAKERS = 10;
    /** Roundings of sums of so many terms between -1 and 1, over the few frames that a state remembers. */
    private static final double TOLERANCE = 0x1p-23 * WIDTH * 16;

    private final Engine engine;
    private final Samples samples;
    private final int count;

    InstanceSoak(Engine engine, Samples samples, int count) {
        this.engine = engine;
        this.samples = samples;
        this.count = count;
    }

    Map<String, Long> run(Length length) {
        SplittableRandom random = new SplittableRandom(3);
        List<ScriptModule> instances = new ArrayList<>();
        long calls = 0, rounds = 0, start = System.nanoTime();
        try (Program program = engine.load(SoakModels.recurrent(WIDTH), "recurrent")) {
            samples.watch(program);
            for (int i = 0; i < count; i++) instances.add(program.instantiate());
            samples.take(0);
            for (; !length.reached(calls, start); rounds++, calls += count) {
                round(instances, random);
                samples.take(calls + count);
            }
        } finally {
            instances.forEach(ScriptModule::close);
        }
        return Map.of("calls", calls, "rounds", rounds, "instances", (long) count);
    }

    /** One frame for every instance. */
    private void round(List<ScriptModule> instances, SplittableRandom random) {
        List<Tensor> frames = new ArrayList<>();
        float[][] states = new float[SPEAKERS][];
        for (int s = 0; s < SPEAKERS; s++) {
            float[] x = new float[WIDTH];
            for (int i = 0; i < WIDTH; i++) x[i] = (float) random.nextDouble(-1, 1);
            frames.add(Tensor.of(x, 1, WIDTH));
        }
        for (int i = 0; i < instances.size(); i++) {
            int speaker = i % SPEAKERS;
            try (Result result = instances.get(i).forward(frames.get(speaker))) {
                float[] state = result.tensor().toFloatArray();
                if (states[speaker] == null) states[speaker] = state;
                else check(states[speaker], state, i);
            }
        }
    }

    private static void check(float[] first, float[] other, int instance) {
        for (int k = 0; k < WIDTH; k++) {
            if (Math.abs(first[k] - other[k]) <= TOLERANCE) continue;
            throw new IllegalStateException("instance " + instance + " has the state " + Arrays.toString(other) + ", not " + Arrays.toString(first));
        }
    }
}
