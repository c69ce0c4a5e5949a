package dev.cresset.bench.plot;

import dev.cresset.bench.BenchModel;
import dev.cresset.bench.Measurement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Latency call by call: a fresh process, then each new shape, then the first shape again; one line per engine. The call number
 * grows logarithmically to the right within each part. Calls that were answered by a plan for their shapes have a full dot.
 */
final class WarmUpPlot {
    private static final int WIDTH = 1100, HEIGHT = 470, GAP = 14;
    /** Of the picture's width, for the fresh process. */
    private static final double FIRST_SHARE = 0.46;
    private static final int[] TICKS = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

    private final Chart chart;
    private final List<String> engines;
    private final List<Measurement> measured;

    private WarmUpPlot(Chart chart, List<String> engines, List<Measurement> measured) {
        this.chart = chart;
        this.engines = engines;
        this.measured = measured;
    }

    /** @param key in {@link Measurement#planned} */
    private record Part(String title, String key, double left, double right, int calls) {
        double x(int call) { return calls < 2 ? left : left + Math.log(call) / Math.log(calls) * (right - left); }
    }

    static Chart of(List<String> engines, BenchModel model, List<Measurement> measured) {
        double[] all = measured.stream().flatMapToDouble(m -> DoubleStream.concat(
            DoubleStream.concat(Arrays.stream(m.calls), Arrays.stream(m.back)), m.newShapes.values().stream().flatMapToDouble(Arrays::stream))).toArray();
        Chart chart = new Chart(WIDTH, HEIGHT, "Warm-up and new shapes, call by call: " + model.name(), "milliseconds per call (logarithmic)",
            Axis.logarithmic(Arrays.stream(all).min().orElse(1) / 1.5, Arrays.stream(all).max().orElse(10) * 1.5));
        new WarmUpPlot(chart, engines, measured).draw(model.labels().getFirst());
        return chart;
    }

    private void draw(String first) {
        for (Part part : parts(first)) {
            frame(part);
            for (Measurement m : measured) curve(part, m);
        }
        chart.line(chart.left(), chart.bottom(), chart.right(), chart.bottom(), Chart.INK, 1);
        chart.font(0, 12);
        chart.legend(engines.stream().map(Plots::fullName).toList());
        boolean plans = measured.stream().flatMap(m -> m.planned.values().stream()).anyMatch(p -> indexOf(p) >= 0);
        if (plans) chart.text("full dots: answered by a plan made for the shape", chart.left() + 240, 60, Chart.MUTED);
    }

    private List<Part> parts(String first) {
        List<String> labels = new ArrayList<>(measured.getFirst().newShapes.keySet());
        double width = chart.right() - chart.left(), own = labels.isEmpty() ? width : width * FIRST_SHARE;
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("fresh process, " + first, "calls", chart.left() + GAP, chart.left() + own - GAP, longest("calls")));
        if (labels.isEmpty()) return parts;
        labels.add("back");
        double each = (width - own) / labels.size(), x = chart.left() + own;
        for (String label : labels) {
            parts.add(new Part(label.equals("back") ? first + " again" : "first " + label, label, x + GAP, x + each - GAP, longest(label)));
            x += each;
        }
        return parts;
    }

    private int longest(String key) { return measured.stream().mapToInt(m -> times(m, key).length).max().orElse(1); }

    private static double[] times(Measurement m, String key) {
        return switch (key) {
            case "calls" -> m.calls;
            case "back" -> m.back;
            default -> m.newShapes.getOrDefault(key, new double[0]);
        };
    }

    private void frame(Part part) {
        if (part.left() > chart.left() + GAP) chart.line(part.left() - GAP, chart.top(), part.left() - GAP, chart.bottom(), Chart.MUTED, 1);
        chart.font(0, 12);
        chart.centred(part.title(), (part.left() + part.right()) / 2, chart.bottom() + 38, Chart.INK);
        chart.font(0, 11);
        double free = 0;
        for (int call : TICKS) {
            double x = part.x(call);
            if (call > part.calls() || x < free) continue;
            chart.line(x, chart.bottom(), x, chart.bottom() + 4, Chart.INK, 1);
            chart.centred(String.valueOf(call), x, chart.bottom() + 18, Chart.MUTED);
            free = x + 24;
        }
    }

    private void curve(Part part, Measurement m) {
        double[] times = times(m, part.key());
        boolean[] planned = m.planned.getOrDefault(part.key(), new boolean[0]);
        int series = engines.indexOf(m.engine);
        for (int c = 1; c < times.length; c++) {
            chart.line(part.x(c), chart.y(times[c - 1]), part.x(c + 1), chart.y(times[c]), Chart.color(series), 1.5f);
        }
        double free = 0;   // dots that would lie on each other are left out
        for (int c = 0; c < times.length; c++) {
            boolean full = c < planned.length && planned[c];
            boolean news = c == 0 || full && c == indexOf(planned);
            if (part.x(c + 1) < free && !news) continue;
            chart.dot(part.x(c + 1), times[c], series, full);
            free = part.x(c + 1) + 6;
        }
    }

    private static int indexOf(boolean[] planned) {
        for (int i = 0; i < planned.length; i++) if (planned[i]) return i;
        return -1;
    }
}
