package dev.cresset.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cresset.bench.Measurement.Steady;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Results of a side-by-side run as JSON and as tables for people.
 *
 * @param machine what was measured on, and how
 * @param gflops  the most oneDNN does, 10^9 operations per second
 * @param gbytes  the most that can be copied in a 16 MB working set, 10^9 bytes read or written per second
 */
public record Report(Map<String, String> machine, int threads, List<String> engines, double gflops, double gbytes,
                     Map<BenchModel, List<Measurement>> results) {
    String json() throws IOException {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        ObjectNode root = mapper.createObjectNode();
        root.set("machine", mapper.valueToTree(machine));
        root.put("threads", threads).put("ceilingGflops", gflops).put("ceilingGigabytesPerSecond", gbytes);
        ObjectNode models = root.putObject("models");
        results.forEach((model, measurements) -> {
            ArrayNode list = models.putArray(model.name());
            measurements.forEach(m -> list.add(mapper.valueToTree(m)));
        });
        return mapper.writeValueAsString(root);
    }

    String markdown() {
        StringBuilder out = new StringBuilder("Measured with " + threads + (threads == 1 ? " thread" : " threads") + " per engine.\n\n");
        machine.forEach((k, v) -> out.append("- ").append(k).append(": ").append(v).append('\n'));
        out.append(line("- ceiling: %.0f GFLOP/s (oneDNN matrix product), %.0f GB/s (copying within 16 MB)", gflops, gbytes));
        return out + "\n" + steadyTable() + "\n" + warmUpTable() + "\n" + failures();
    }

    /** Steady state: median per call, and how the first engine compares. */
    String steadyTable() {
        StringBuilder out = new StringBuilder("### Steady state, ms per call (median; 90th percentile in brackets" + (threads == 1 ? "; processor time" : "")
            + ")\n\n| model | ");
        out.append(String.join(" | ", engines)).append(" | ");
        for (String peer : peers()) out.append(engines.getFirst()).append(" / ").append(peer).append(" | ");
        out.append("floor | share of it |\n").append("|---".repeat(3 + engines.size() + peers().size())).append("|\n");
        results.forEach((model, measurements) -> {
            for (String label : labels(measurements)) out.append(steadyRow(model, label, measurements));
        });
        return out.append("\nRatios below 1: ").append(engines.getFirst()).append(" is faster. ~: no quiet moment, the machine was shared (with one thread, the ratio is then of processor time). ")
            .append("Floor: operations or bytes over the ceiling; share: floor / median.\n").toString();
    }

    private String steadyRow(BenchModel model, String label, List<Measurement> measurements) {
        Map<String, Steady> by = new LinkedHashMap<>();
        measurements.forEach(m -> by.put(m.engine, m.steady.get(label)));
        StringBuilder out = new StringBuilder("| " + model.name() + " " + label + " | ");
        for (String e : engines) out.append(cell(by.get(e))).append(" | ");
        Steady mine = by.get(engines.getFirst());
        for (String p : peers()) {
            Steady other = by.get(p);
            out.append(mine == null || other == null ? "–" : ratio(mine, other)).append(" | ");
        }
        double floor = floor(model, label);
        out.append(time(floor)).append(" | ").append(mine == null ? "–" : String.format(Locale.ROOT, "%.0f %%", 100 * floor / mine.p50()));
        return out.append(" |\n").toString();
    }

    /** The least time that the model's arithmetic or memory traffic takes, in ms. */
    double floor(BenchModel model, String label) { return Math.max(model.gflop(label) / gflops, model.mbytes(label) / 1e3 / gbytes) * 1e3; }

    private String cell(Steady s) {
        if (s == null) return "–";
        return (s.quiet() == 0 ? "~" : "") + time(s.p50()) + " (" + time(s.p90()) + (threads == 1 ? "; " + time(s.cpu()) : "") + ")";
    }

    /** By processor time where one thread had to share the machine, else by the clock. */
    private String ratio(Steady mine, Steady other) {
        boolean shared = threads == 1 && (mine.quiet() == 0 || other.quiet() == 0);
        return String.format(Locale.ROOT, "%.2f", shared ? mine.cpu() / other.cpu() : mine.p50() / other.p50());
    }

    private List<String> peers() { return engines.subList(1, engines.size()); }

    static List<String> labels(List<Measurement> measurements) {
        return measurements.stream().flatMap(m -> m.steady.keySet().stream()).distinct().toList();
    }

    /** A fresh process: its first calls and its first sight of new shapes. */
    String warmUpTable() {
        StringBuilder out = new StringBuilder("### A fresh process, ms\n\n| model | engine | start → first output | load | call 1 | 2 | 3 | 5 | 10 | 20 | 40 "
            + "| new shapes: 1st, 2nd → last of 8 | back to the first | peak MB | error |\n" + "|---".repeat(15) + "|\n");
        results.forEach((model, measurements) -> measurements.stream().filter(m -> m.calls.length > 0).forEach(m -> {
            out.append("| ").append(model.name()).append(" | ").append(m.engine).append(" | ").append(time(m.firstOutput)).append(" | ").append(time(m.load));
            for (int call : new int[]{1, 2, 3, 5, 10, 20, 40}) out.append(" | ").append(time(m.calls[call - 1]));
            out.append(" | ");
            m.newShapes.forEach((label, t) -> out.append(label).append(": ").append(time(t[0])).append(", ").append(time(t[1])).append(" → ")
                .append(time(t[t.length - 1])).append("; "));
            out.append(" | ").append(time(m.back[0])).append(" | ").append(m.peakKilobytes / 1024).append(line(" | %.1e |", m.difference));
        }));
        return out.append("\nError: the largest difference to PyTorch's output in float32, relative to its largest value.\n").toString();
    }

    private String failures() {
        StringBuilder out = new StringBuilder();
        results.forEach((model, measurements) -> measurements.stream().filter(m -> m.failure != null).forEach(m ->
            out.append("- ").append(model.name()).append(", ").append(m.engine).append(": not measured: ").append(m.failure).append('\n')));
        return out.toString();
    }

    private static String line(String format, Object... values) { return String.format(Locale.ROOT, format + "%n", values); }

    /** Three significant digits. */
    static String time(double ms) {
        return String.format(Locale.ROOT, ms >= 100 ? "%.0f" : ms >= 10 ? "%.1f" : ms >= 1 ? "%.2f" : ms >= 0.1 ? "%.3f" : "%.4f", ms);
    }
}
