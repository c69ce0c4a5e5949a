package dev.cresset.bench.plot;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Some quantities of one unit as they change over a run. */
public final class TimePlot {
    private TimePlot() {}

    /**
     * Draws one line for each series.
     *
     * @param unit  of the series
     * @param along what {@code x} counts
     * @param x     where the samples were taken, ascending, from 0 on
     */
    public static void write(String title, String unit, String along, double[] x, Map<String, double[]> series, Path png) throws IOException {
        System.setProperty("java.awt.headless", "true");
        double most = series.values().stream().flatMapToDouble(Arrays::stream).max().orElse(1);
        Chart chart = new Chart(1000, 440, title, unit, Axis.linear(most * 1.1));
        Axis across = Axis.linear(x.length == 0 ? 1 : x[x.length - 1]);
        double width = chart.right() - chart.left();
        chart.font(0, 12);
        for (double tick : across.ticks()) {
            double at = chart.left() + across.at(tick) * width;
            chart.line(at, chart.bottom(), at, chart.bottom() + 4, Chart.INK, 1);
            chart.centred(String.format(Locale.ROOT, "%,.0f", tick), at, chart.bottom() + 18, Chart.MUTED);
        }
        chart.centred(along, chart.left() + width / 2, chart.bottom() + 40, Chart.INK);
        int color = 0;
        for (double[] values : series.values()) {
            for (int i = 1; i < values.length; i++) {
                chart.line(chart.left() + across.at(x[i - 1]) * width, chart.y(values[i - 1]), chart.left() + across.at(x[i]) * width, chart.y(values[i]),
                    Chart.color(color), 2);
            }
            color++;
        }
        chart.line(chart.left(), chart.bottom(), chart.right(), chart.bottom(), Chart.INK, 1);
        chart.legend(List.copyOf(series.keySet()));
        chart.write(png);
    }
}
