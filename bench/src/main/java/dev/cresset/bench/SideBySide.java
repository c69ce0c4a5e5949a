package dev.cresset.bench;

import dev.cresset.bench.Measurement.Block;
import dev.cresset.bench.EngineProcess.EngineFailure;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;

/**
 * Measures engines beside each other on one model at a time. Each engine has a process of its own; first each is started
 * and warmed alone, then short blocks of measurement go round among them, so that noise of the machine hits all alike.
 */
final class SideBySide {
    private static final int FIRST_CALLS = 40, MOST_FIRST_CALLS = 1000, NEW_SHAPE_CALLS = 8, MOST_NEW_SHAPE_CALLS = 200, BLOCK_MILLIS = 400, WARM_MILLIS = 2000;
    private static final int WARM_UP_MILLIS = 4000, NEW_SHAPE_MILLIS = 1500;

    private final Plan plan;
    private final Consumer<String> progress;

    /**
     * What to measure.
     *
     * @param device   options that say where Cresset runs
     * @param tolerance how far outputs may be from PyTorch's, relative to the largest value
     * @param seconds  how long each engine is measured at each shape
     * @param patience how many times longer it may take until that much was measured on a quiet machine
     */
    record Plan(List<String> engines, Path models, Path cache, int threads, List<String> device, double tolerance, double seconds, double patience) {}

    /** @param progress is told what is being done */
    SideBySide(Plan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** One model, all engines. */
    List<Measurement> measure(BenchModel model, List<String> labels) throws IOException {
        Map<Measurement, EngineProcess> running = new LinkedHashMap<>();
        List<Measurement> all = new ArrayList<>();
        try {
            for (String engine : plan.engines()) {
                Measurement m = new Measurement();
                m.engine = engine;
                all.add(m);
                progress.accept(model.name() + ": " + engine + " warms up");
                EngineProcess process = EngineProcess.start(engine, plan.threads(), plan.device(), plan.cache(), log());
                running.put(m, process);
                attempt(m, running, () -> warmUp(m, process, model, labels));
            }
            for (String label : labels) {
                progress.accept(model.name() + " " + label + ": steady state");
                steady(label, running);
            }
            for (Measurement m : List.copyOf(running.keySet())) {
                attempt(m, running, () -> m.peakKilobytes = (long) running.get(m).numbers("memory")[0]);
            }
        } finally {
            running.values().forEach(EngineProcess::close);
        }
        return all;
    }

    /** GFLOP/s and GB/s of this machine with the plan's threads. */
    double[] ceiling() throws IOException {
        try (EngineProcess process = EngineProcess.start("cresset", plan.threads(), List.of(), plan.cache(), log())) {
            return process.numbers("ceiling");
        }
    }

    /** Starts an engine once for nothing, so that unpacking native libraries is not measured. */
    void unpack(BenchModel model) throws IOException {
        for (String engine : plan.engines()) {
            try (EngineProcess process = EngineProcess.start(engine, plan.threads(), plan.device(), plan.cache(), log())) {
                process.ask("load " + plan.models().resolve(model.name()));
            } catch (EngineFailure _) {
                // the measurement will say it
            }
        }
    }

    private File log() throws IOException {
        Files.createDirectories(plan.cache());
        return plan.cache().resolve("engines.log").toFile();
    }

    private static void attempt(Measurement m, Map<Measurement, EngineProcess> running, Runnable work) {
        if (m.failure != null) return;
        try {
            work.run();
        } catch (EngineFailure e) {
            m.failure = e.getMessage();
            running.remove(m).close();
        }
    }

    private void warmUp(Measurement m, EngineProcess process, BenchModel model, List<String> labels) {
        String first = model.labels().getFirst();
        m.load = process.numbers("load " + plan.models().resolve(model.name()))[0] / 1e6;
        process.ask("prepare " + first);
        double[] start = milliseconds(process.numbers("calls " + first + " 1 1 0"));
        m.firstOutput = process.age() * 1e3;
        boolean[] planned = planned(process);
        double[] next = milliseconds(process.numbers("calls " + first + " " + (FIRST_CALLS - 1) + " " + (MOST_FIRST_CALLS - 1) + " " + WARM_UP_MILLIS));
        m.calls = DoubleStream.concat(DoubleStream.of(start), DoubleStream.of(next)).toArray();
        m.planned.put("calls", joined(planned, planned(process)));
        check(m, process, first);
        process.numbers("block " + first + " " + WARM_MILLIS);
        for (String other : model.others()) {
            process.ask("prepare " + other);
            m.newShapes.put(other, newShape(m, process, other, other));
        }
        m.back = newShape(m, process, first, "back");
        for (String other : model.others()) check(m, process, other);
        for (String label : labels) {
            check(m, process, label);
            process.numbers("block " + label + " " + WARM_MILLIS);
        }
    }

    private static double[] newShape(Measurement m, EngineProcess process, String label, String name) {
        double[] calls = milliseconds(process.numbers("calls " + label + " " + NEW_SHAPE_CALLS + " " + MOST_NEW_SHAPE_CALLS + " " + NEW_SHAPE_MILLIS));
        m.planned.put(name, planned(process));
        return calls;
    }

    /** Of the last calls. */
    private static boolean[] planned(EngineProcess process) {
        double[] answer = process.numbers("planned");
        boolean[] planned = new boolean[answer.length];
        for (int i = 0; i < answer.length; i++) planned[i] = answer[i] != 0;
        return planned;
    }

    private static boolean[] joined(boolean[] a, boolean[] b) {
        boolean[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    private void check(Measurement m, EngineProcess process, String label) {
        double difference = process.numbers("check " + label)[0];
        m.difference = Math.max(m.difference, difference);
        if (!(difference <= plan.tolerance())) {
            throw new EngineFailure("the output for " + label + " is wrong: it differs from PyTorch's by " + difference
                + " relative to its largest value");
        }
    }

    private void steady(String label, Map<Measurement, EngineProcess> running) {
        Map<Measurement, List<Block>> blocks = new LinkedHashMap<>();
        running.keySet().forEach(m -> blocks.put(m, new ArrayList<>()));
        int wanted = (int) Math.max(3, Math.round(plan.seconds() * 1000 / BLOCK_MILLIS));
        for (int round = 0; round < wanted * plan.patience() && needsMore(blocks, wanted, round); round++) {
            for (Measurement m : List.copyOf(running.keySet())) {
                attempt(m, running, () -> blocks.get(m).add(block(running.get(m), label)));
            }
        }
        running.keySet().forEach(m -> m.steady.put(label, Measurement.steady(blocks.get(m))));
    }

    private static boolean needsMore(Map<Measurement, List<Block>> blocks, int wanted, int round) {
        return round < wanted || blocks.keySet().stream().filter(m -> m.failure == null)
            .anyMatch(m -> blocks.get(m).stream().filter(Block::quiet).count() < wanted);
    }

    private static Block block(EngineProcess process, String label) {
        MachineLoad load = new MachineLoad(process.pid());
        double[] answer = process.numbers("block " + label + " " + BLOCK_MILLIS);
        return new Block(answer[0] / 1e6, answer[1] / 1e6, (long) answer[2], answer[3] / 1e6, load.others());
    }

    private static double[] milliseconds(double[] nanoseconds) { return Arrays.stream(nanoseconds).map(n -> n / 1e6).toArray(); }
}
