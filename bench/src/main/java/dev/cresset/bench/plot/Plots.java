package dev.cresset.bench.plot;

import dev.cresset.bench.BenchModel;
import dev.cresset.bench.Measurement;
import dev.cresset.bench.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pictures of a report: {@code steady.png}, {@code newshapes.png}, and {@code warmup-MODEL.png} call by call. */
public final class Plots {
    private Plots() {}

    public static void write(Report report, Path folder) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Files.createDirectories(folder);
        BarPlot.of(names(report), steady(report), "Steady state, " + report.threads() + " threads", "milliseconds per call (logarithmic)")
            .write(folder.resolve("steady.png"));
        Map<String, double[]> stalls = stalls(report);
        if (!stalls.isEmpty()) {
            BarPlot.of(names(report), stalls, "New shapes: the first call against later ones", "times as long (logarithmic)")
                .write(folder.resolve("newshapes.png"));
        }
        for (Map.Entry<BenchModel, List<Measurement>> e : report.results().entrySet()) {
            List<Measurement> measured = e.getValue().stream().filter(m -> m.calls.length > 0).toList();
            if (!measured.isEmpty()) WarmUpPlot.of(report.engines(), e.getKey(), measured).write(folder.resolve("warmup-" + e.getKey().name() + ".png"));
        }
    }

    private static Map<String, double[]> steady(Report report) {
        Map<String, double[]> groups = new LinkedHashMap<>();
        report.results().forEach((model, list) -> list.stream().flatMap(m -> m.steady.keySet().stream()).distinct().forEach(label ->
            groups.put(model.name() + " " + label, values(report.engines(), list, m -> m.steady.containsKey(label) ? m.steady.get(label).p50() : 0))));
        return groups;
    }

    private static Map<String, double[]> stalls(Report report) {
        Map<String, double[]> groups = new LinkedHashMap<>();
        report.results().forEach((model, list) -> model.others().forEach(label ->
            groups.put(model.name() + " " + label, values(report.engines(), list, m -> {
                double[] calls = m.newShapes.get(label);
                return calls == null ? 0 : calls[0] / middle(calls);
            }))));
        return groups;
    }

    /** The median of the second half, by which time things are settled. */
    private static double middle(double[] calls) {
        double[] late = Arrays.copyOfRange(calls, calls.length / 2, calls.length);
        Arrays.sort(late);
        return late[late.length / 2];
    }

    private static List<String> names(Report report) { return report.engines().stream().map(Plots::fullName).toList(); }

    /** As a reader knows the engine. */
    static String fullName(String engine) {
        return switch (engine) {
            case "cresset" -> "Cresset";
            case "djl" -> "libtorch (DJL)";
            case "ort" -> "ONNX Runtime";
            default -> engine;
        };
    }

    private interface Value {
        double of(Measurement m);
    }

    private static double[] values(List<String> engines, List<Measurement> list, Value value) {
        return engines.stream().mapToDouble(e -> list.stream().filter(m -> m.engine.equals(e)).mapToDouble(value::of).findFirst().orElse(0)).toArray();
    }
}
