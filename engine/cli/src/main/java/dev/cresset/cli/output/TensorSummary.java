package dev.cresset.cli.output;

import dev.cresset.ir.type.Complex;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is to be said of a tensor in a line: least, greatest and mean element. NaN elements are counted, not mixed in;
 * complex tensors have no order, so only their first elements are shown.
 */
record TensorSummary(double min, double max, double mean, long nans) {
    static TensorSummary of(Tensor t) {
        double min = Double.POSITIVE_INFINITY, max = Double.NEGATIVE_INFINITY, sum = 0;
        long nans = 0;
        for (double x : t.toDoubleArray()) {
            if (Double.isNaN(x)) {
                nans++;
            } else {
                min = Math.min(min, x);
                max = Math.max(max, x);
                sum += x;
            }
        }
        return new TensorSummary(min, max, sum / (t.numel() - nans), nans);
    }

    /** {@code f32[1,3,224,224]}, as the command line writes tensors. */
    static String shape(Tensor t) {
        return t.dtype().shortName() + Arrays.stream(t.sizes()).mapToObj(Long::toString)
            .collect(Collectors.joining(",", "[", "]"));
    }

    /** The first elements in row-major order. */
    static String first(Tensor t, int count) {
        int n = (int) Math.min(count, t.numel());
        String shown = IntStream.range(0, n).mapToObj(i -> number(element(t, i))).collect(Collectors.joining(", "));
        return n < t.numel() ? shown + ", …" : shown;
    }

    /** The element at a place in row-major order. */
    static Object element(Tensor t, long place) {
        long at = t.offset(), rest = place;
        for (int d = t.dim() - 1; d >= 0; d--) {
            at += rest % t.sizes()[d] * t.strides()[d];
            rest /= t.sizes()[d];
        }
        return Elements.get(t.data(), t.dtype(), at);
    }

    static String number(Object x) {
        return switch (x) {
            case Double d when d == Math.rint(d) && Math.abs(d) < 1e6 -> String.format(Locale.ROOT, "%.1f", d);
            case Double d -> String.format(Locale.ROOT, Math.abs(d) >= 1e-3 && Math.abs(d) < 1e6 ? "%.5g" : "%.4e", d);
            case Complex c -> number(c.re()) + (c.im() < 0 ? "" : "+") + number(c.im()) + "j";
            default -> x.toString();
        };
    }

    @Override public String toString() {
        return "min " + number(min) + "  max " + number(max) + "  mean " + number(mean)
            + (nans > 0 ? "  NaN " + nans : "");
    }
}
