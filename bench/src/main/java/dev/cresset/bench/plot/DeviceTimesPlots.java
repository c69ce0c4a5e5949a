package dev.cresset.bench.plot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * The pictures of what {@code bench/gpu-acceptance/timings.sh} measured: {@code device-steady.png}, {@code device-first.png} (the
 * first call) and {@code device-newshapes.png} (the slowest call with a new shape), all in milliseconds.
 */
public final class DeviceTimesPlots {
    private DeviceTimesPlots() {}

    /** @throws IllegalArgumentException if the file is something else */
    public static void write(Path timings, Path folder) throws IOException {
        System.setProperty("java.awt.headless", "true");
        JsonNode all = new ObjectMapper().readTree(timings.toFile());
        if (!all.path("rows").isArray()) throw new IllegalArgumentException(timings + " is no timings.json: it has no rows");
        Files.createDirectories(folder);
        String where = " on " + all.path("device").asText("a device");
        write(all.path("rows"), r -> r.path("wall_ms").asDouble(), "Steady state" + where, folder.resolve("device-steady.png"));
        write(all.path("rows"), r -> r.path("first_ms").path(0).asDouble(), "First call of a process's model" + where, folder.resolve("device-first.png"));
        write(all.path("rows"), r -> largest(r.path("new_shape_ms")), "Slowest call with a new shape" + where, folder.resolve("device-newshapes.png"));
    }

    private static double largest(JsonNode numbers) {
        double most = 0;
        for (JsonNode n : numbers) most = Math.max(most, n.asDouble());
        return most;
    }

    private static void write(JsonNode rows, ToDoubleFunction<JsonNode> value, String title, Path png) throws IOException {
        Set<String> ways = new LinkedHashSet<>();
        for (JsonNode r : rows) ways.add(way(r));
        List<String> series = List.copyOf(ways);
        Map<String, double[]> groups = new LinkedHashMap<>();
        for (JsonNode r : rows) {
            String precision = r.path("precision").asText("pytorch"), group = r.path("model").asText() + " " + r.path("label").asText()
                + (precision.equals("pytorch") ? "" : " " + precision);
            groups.computeIfAbsent(group, _ -> new double[series.size()])[series.indexOf(way(r))] = value.applyAsDouble(r);
        }
        BarPlot.of(series, groups, title, "milliseconds (logarithmic)").write(png);
    }

    private static String way(JsonNode row) { return row.path("engine").asText() + " " + row.path("mode").asText(); }
}
