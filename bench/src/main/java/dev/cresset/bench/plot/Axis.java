package dev.cresset.bench.plot;

import java.util.stream.DoubleStream;

/** Where values lie between the lower end of a chart, 0, and the upper, 1. */
sealed interface Axis {
    double at(double value);

    /** The values to draw a line at. */
    double[] ticks();

    /** From above zero on, each decade as high as the next. */
    static Axis logarithmic(double low, double high) { return new Logarithmic(Math.log10(low), Math.log10(high)); }

    /** From zero on. */
    static Axis linear(double high) { return new Linear(high > 0 ? high : 1); }

    record Logarithmic(double low, double high) implements Axis {
        @Override public double at(double value) { return (Math.log10(Math.max(value, 1e-9)) - low) / (high - low); }

        @Override public double[] ticks() {
            double[] digits = high - low > 2.5 ? new double[] {1} : new double[] {1, 2, 5};
            return DoubleStream.iterate(Math.floor(low), decade -> decade <= Math.ceil(high), decade -> decade + 1)
                .flatMap(decade -> DoubleStream.of(digits).map(digit -> digit * Math.pow(10, decade)))
                .filter(v -> at(v) >= -1e-9 && at(v) <= 1 + 1e-9).toArray();
        }
    }

    record Linear(double high) implements Axis {
        @Override public double at(double value) { return value / high; }

        /** Four to ten round steps. */
        @Override public double[] ticks() {
            double decade = Math.pow(10, Math.floor(Math.log10(high)));
            double step = high / decade >= 5 ? decade : high / decade >= 2 ? decade / 2 : decade / 5;
            return DoubleStream.iterate(0, v -> v <= high * (1 + 1e-9), v -> v + step).toArray();
        }
    }
}
