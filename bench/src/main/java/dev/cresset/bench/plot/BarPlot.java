package dev.cresset.bench.plot;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Groups of bars over a logarithmic axis, a bar of each group for each series. */
final class BarPlot {
    private static final int BAR = 30, GAP = 16;

    private BarPlot() {}

    /** @param groups by their names, values in the order of the series; what is not a positive number is left out */
    static Chart of(List<String> series, Map<String, double[]> groups, String title, String axis) {
        double[] all = groups.values().stream().flatMapToDouble(Arrays::stream).filter(BarPlot::isThere).toArray();
        double least = Arrays.stream(all).min().orElse(1), most = Arrays.stream(all).max().orElse(10);
        int room = Math.max(96, BAR * series.size() + GAP);
        Chart chart = new Chart(Math.max(640, 110 + groups.size() * room), 460, title, axis, Axis.logarithmic(least / 2, most * 2));
        double x = chart.left();
        for (Map.Entry<String, double[]> group : groups.entrySet()) {
            double each = (room - GAP) / (double) series.size();
            for (int i = 0; i < series.size(); i++) {
                double v = group.getValue()[i];
                if (!isThere(v)) continue;
                chart.bar(x + GAP / 2.0 + i * each, each - 2, v, i);
                chart.font(0, 10);
                chart.centred(short3(v), x + GAP / 2.0 + (i + 0.5) * each, chart.y(v) - 4, Chart.INK);
            }
            groupName(chart, group.getKey(), x + room / 2.0);
            x += room;
        }
        chart.line(chart.left(), chart.bottom(), chart.right(), chart.bottom(), Chart.INK, 1);
        chart.font(0, 12);
        chart.legend(series);
        return chart;
    }

    private static boolean isThere(double v) { return v > 0 && Double.isFinite(v); }

    /** Over up to three lines, broken at underscores and spaces. */
    private static void groupName(Chart chart, String name, double x) {
        chart.font(0, 11);
        int row = 0;
        for (String part : name.split("[_ ]")) chart.centred(part, x, chart.bottom() + 16 + 14 * row++, Chart.INK);
    }

    private static String short3(double v) { return String.format(Locale.ROOT, v >= 100 ? "%.0f" : v >= 10 ? "%.1f" : v >= 1 ? "%.2f" : "%.3f", v); }
}
