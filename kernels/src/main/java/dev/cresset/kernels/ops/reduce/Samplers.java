package dev.cresset.kernels.ops.reduce;

import dev.cresset.kernels.op.Generator;

/** Random variables that need an unknown number of random bits, each drawn from a stream of its own. */
final class Samplers {
    private final Generator stream;
    private long next;

    private Samplers(long seed) { stream = new Generator(seed); }

    /** The stream of one counter of a generator. */
    static Samplers at(Generator g, long counter) { return new Samplers(g.bits(counter, 0)); }

    private double uniform() { return stream.uniform(next++, 0); }

    private double normal() { return stream.normal(next++, 0); }

    /** Marsaglia and Tsang (2000); shapes below 1 by a power of a uniform number. */
    double gamma(double shape) {
        if (shape < 1) return gamma(shape + 1) * Math.pow(1 - uniform(), 1 / shape);
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = normal();
            double v = 1 + c * x;
            if (v <= 0) continue;
            v = v * v * v;
            double u = 1 - uniform();
            if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
        }
    }

    /** Waiting times for small means; larger ones are cut at the arrival time of an earlier event (Ahrens and Dieter, 1974). */
    double poisson(double mean) {
        double count = 0;
        double rest = mean;
        while (rest > 30) {
            double m = Math.floor(rest * 7 / 8);
            double arrival = gamma(m);
            if (arrival > rest) return count + binomial(m - 1, rest / arrival);
            count += m;
            rest -= arrival;
        }
        double limit = Math.exp(-rest);
        for (double p = 1 - uniform(); p > limit; p *= 1 - uniform()) count++;
        return count;
    }

    /** Single trials for few; many are halved at a Beta-distributed order statistic (Relles, 1972). */
    double binomial(double trials, double probability) {
        double n = trials;
        double p = probability;
        double count = 0;
        while (n > 40) {
            double a = 1 + Math.floor(n / 2);
            double b = n + 1 - a;
            double x = gamma(a);
            double middle = x / (x + gamma(b));
            if (middle >= p) {
                n = a - 1;
                p /= middle;
            } else {
                count += a;
                n = b - 1;
                p = (p - middle) / (1 - middle);
            }
        }
        for (int i = 0; i < n; i++) if (uniform() < p) count++;
        return count;
    }
}
