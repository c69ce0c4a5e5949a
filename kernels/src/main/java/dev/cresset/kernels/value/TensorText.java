package dev.cresset.kernels.value;

import dev.cresset.ir.type.Device;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A tensor as C++ PyTorch prints it: right-aligned columns, then its type and shape in brackets. One use each. */
final class TensorText {
    // Note [Tensor text]. The layout follows PyTorch's stream output with its quirks, because programs' printed text is
    // compared: a negative number counts for the column width only in first place, and once a block has set four digits
    // of precision, later blocks of whole numbers keep them.
    private static final int LINE = 80;

    private enum Mode { GENERAL, FIXED, SCIENTIFIC }

    private final StringBuilder out = new StringBuilder();
    private Mode mode = Mode.GENERAL;
    private int precision = 6;
    private double scale;
    private int width;

    private TensorText() {}

    static String of(Tensor t) { return new TensorText().print(t); }

    private String print(Tensor t) {
        long[] sizes = t.sizes();
        double[] v = t.toDoubleArray();
        if (sizes.length == 0) {
            out.append(number(v[0])).append('\n');
        } else if (v.length > 0) {
            switch (sizes.length) {
                case 1 -> column(v);
                case 2 -> matrix(v, (int) sizes[0], (int) sizes[1], 0);
                default -> blocks(v, sizes);
            }
        }
        String shape = Arrays.stream(sizes).mapToObj(Long::toString).collect(Collectors.joining(",", "{", "}"));
        return out.append("[ ").append(typeName(t)).append(shape).append(" ]").toString();
    }

    private static String typeName(Tensor t) {
        Device d = t.device();
        String place = d.type().equals("meta") ? "Meta" : d.type().toUpperCase(java.util.Locale.ROOT);
        return (t.dtype().isQuantized() ? "Quantized" + place : place) + t.dtype().printName() + "Type";
    }

    private void column(double[] v) {
        chooseFormat(v);
        if (scale != 1) appendScale();
        for (double x : v) out.append(padded(x)).append('\n');
    }

    private void blocks(double[] v, long[] sizes) {
        int n = sizes.length;
        int rows = (int) sizes[n - 2];
        int columns = (int) sizes[n - 1];
        long[] outer = Arrays.copyOf(sizes, n - 2);
        long[] index = new long[outer.length];
        int count = v.length / (rows * columns);
        for (int b = 0; b < count; b++) {
            if (b > 0) out.append('\n');
            out.append('(');
            for (long i : index) out.append(i + 1).append(',');
            out.append(".,.) = \n");
            int from = blockOffset(index, outer) * rows * columns;
            matrix(Arrays.copyOfRange(v, from, from + rows * columns), rows, columns, 1);
            // PyTorch counts the first dimension fastest
            for (int d = 0; d < index.length && ++index[d] == outer[d]; d++) index[d] = 0;
        }
    }

    private static int blockOffset(long[] index, long[] sizes) {
        long at = 0;
        for (int d = 0; d < index.length; d++) at = at * sizes[d] + index[d];
        return (int) at;
    }

    private void matrix(double[] v, int rows, int columns, int indent) {
        chooseFormat(v);
        String margin = " ".repeat(indent);
        out.append(margin);
        int perLine = (LINE - indent) / (width + 1);
        for (int first = 0; first < columns; first += perLine) {
            int last = Math.min(first + perLine, columns) - 1;
            if (perLine < columns) {
                if (first != 0) out.append('\n');
                out.append("Columns ").append(first + 1).append(" to ").append(last + 1).append(margin);
            }
            if (scale != 1) {
                appendScale();
                out.append(margin);
            }
            for (int r = 0; r < rows; r++) {
                for (int c = first; c <= last; c++) out.append(padded(v[r * columns + c])).append(c == last ? '\n' : ' ');
                if (r < rows - 1) out.append(margin).append(scale != 1 ? " " : "");
            }
        }
    }

    private void appendScale() { out.append(FloatText.general(scale, precision)).append(" *\n"); }

    private String padded(double v) {
        String text = number(v / scale);
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private String number(double v) {
        return switch (mode) {
            case GENERAL -> FloatText.general(v, precision);
            case FIXED -> FloatText.fixed(v, precision);
            case SCIENTIFIC -> FloatText.scientific(v, precision);
        };
    }

    private void use(Mode newMode, int newWidth) {
        mode = newMode;
        width = newWidth;
        if (newMode != Mode.GENERAL) precision = 4;
    }

    private void chooseFormat(double[] v) {
        scale = 1;
        boolean whole = Arrays.stream(v).allMatch(x -> !Double.isFinite(x) || x == Math.ceil(x));
        int first = 0;
        while (first < v.length && !Double.isFinite(v[first])) first++;
        double min = first < v.length ? digits(smallest(v, first)) : 1;
        double max = first < v.length ? digits(largest(v, first)) : 1;
        if (whole) {
            if (max > 9) use(Mode.SCIENTIFIC, 11);
            else use(Mode.GENERAL, (int) max + 1);
        } else if (max - min > 4) {
            use(Mode.SCIENTIFIC, Math.abs(max) > 99 || Math.abs(min) > 99 ? 12 : 11);
        } else if (max > 5 || max < 0) {
            scale = Math.pow(10, max - 1);
            use(Mode.FIXED, 7);
        } else {
            use(Mode.FIXED, max == 0 ? 7 : (int) max + 6);
        }
    }

    private static double smallest(double[] v, int first) {
        double least = Math.abs(v[first]);
        for (double x : v) if (Double.isFinite(x)) least = Math.min(least, Math.abs(x));
        return least;
    }

    private static double largest(double[] v, int first) {
        double most = Math.abs(v[first]);
        for (double x : v) if (Double.isFinite(x) && x > most) most = x;
        return most;
    }

    private static double digits(double v) { return v == 0 ? 1 : Math.floor(Math.log10(v)) + 1; }
}
