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
import java.util.Locale;
import java.util.Map;

/** The pictures of a report: {@code steady.png}, {@code newshapes.png}, and {@code warmup-MODEL.png} call by call. */
public final class Plots {
    private Plots() {}

    public static void write(Report report, Path folder) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Files.createDirectories(folder);
        bars(report.engines(), steady(report), "Steady state, " + report.threads() + " threads", "milliseconds per call (logarithmic)")
            .write(folder.resolve("steady.png"));
        Map<String, double[]> stalls = stalls(report);
        if (!stalls.isEmpty()) {
            bars(report.engines(), stalls, "New shapes: the first call against later ones", "times as long (logarithmic)")
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

    private static Chart bars(List<String> engines, Map<String, double[]> groups, String title, String axis) {
        double[] all = groups.values().stream().flatMapToDouble(Arrays::stream).filter(v -> v > 0 && Double.isFinite(v)).toArray();
        double least = Arrays.stream(all).min().orElse(1), most = Arrays.stream(all).max().orElse(10);
        int room = Math.max(96, 30 * engines.size() + 16);
        Chart chart = new Chart(Math.max(640, 110 + groups.size() * room), 460, title, axis, Axis.logarithmic(least / 2, most * 2));
        double x = chart.left();
        for (Map.Entry<String, double[]> group : groups.entrySet()) {
            double each = (room - 16.0) / engines.size();
            for (int i = 0; i < engines.size(); i++) {
                double v = group.getValue()[i];
                if (!(v > 0)) continue;
                chart.bar(x + 8 + i * each, each - 2, v, i);
                chart.font(0, 10);
                chart.centred(short3(v), x + 8 + (i + 0.5) * each, chart.y(v) - 4, Chart.INK);
            }
            groupName(chart, group.getKey(), x + room / 2.0);
            x += room;
        }
        chart.line(chart.left(), chart.bottom(), chart.right(), chart.bottom(), Chart.INK, 1);
        chart.font(0, 12);
        chart.legend(engines.stream().map(Plots::fullName).toList());
        return chart;
    }

    /** Over up to three lines, broken at underscores and spaces. */
    private static void groupName(Chart chart, String name, double x) {
        chart.font(0, 11);
        int row = 0;
        for (String part : name.split("[_ ]")) chart.centred(part, x, chart.bottom() + 16 + 14 * row++, Chart.INK);
    }

    private static String short3(double v) { return String.format(Locale.ROOT, v >= 100 ? "%.0f" : v >= 10 ? "%.1f" : v >= 1 ? "%.2f" : "%.3f", v); }
}
