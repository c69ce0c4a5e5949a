package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;

/**
 * Where the windows of one spatial dimension lie: window o covers start[o], start[o] + step … below end[o], all inside the
 * source, and counts as {@code count[o]} elements in an average.
 *
 * @param rule what all of that follows from
 */
public record Window(int[] start, int[] end, int step, int[] count, Rule rule) {
    /** @param size of the source; @param kernel 0 for windows that divide the source; @param countPadding as for {@link #sliding} */
    public record Rule(long size, long kernel, long stride, long padding, boolean countPadding) {}

    /** How many windows there are. */
    public int size() { return start.length; }

    /** Windows of one kernel width. @param countPadding padding counts in an average, as far as the right padding reaches */
    static Window sliding(long size, long kernel, long stride, long padding, long dilation, boolean ceil, boolean countPadding) {
        if (kernel <= 0) throw new ScriptError("kernel size should be greater than zero, but got " + kernel);
        if (stride <= 0) throw new ScriptError("stride should not be zero");
        if (padding < 0 || padding * 2 > kernel) {
            throw new ScriptError("pad should be at most half of kernel size, but got pad=" + padding + " and kernel_size=" + kernel);
        }
        long room = size + 2 * padding - dilation * (kernel - 1) - 1;
        long n = Math.floorDiv(room + (ceil ? stride - 1 : 0), stride) + 1;
        if (ceil && (n - 1) * stride >= size + padding) n--;
        if (n < 1) {
            throw new ScriptError("Given input size: " + size + ". Calculated output size: " + n + ". Output size is too small");
        }
        int[] start = new int[(int) n], end = new int[(int) n], count = new int[(int) n];
        for (int o = 0; o < n; o++) {
            long from = o * stride - padding;
            long to = from + (kernel - 1) * dilation + 1;
            count[o] = (int) (Math.min(to, size + padding) - from);
            if (from < 0) from += (-from + dilation - 1) / dilation * dilation;
            start[o] = (int) from;
            end[o] = (int) Math.min(to, size);
            if (!countPadding) count[o] = Math.max(0, end[o] - start[o]);
        }
        return new Window(start, end, (int) dilation, count, new Rule(size, kernel, stride, padding, countPadding));
    }

    /** Windows that divide the source into {@code n} nearly equal parts, overlapping where it does not divide. */
    public static Window adaptive(long size, long n) {
        int[] start = new int[(int) n], end = new int[(int) n], count = new int[(int) n];
        for (int o = 0; o < n; o++) {
            start[o] = (int) (o * size / n);
            end[o] = (int) (((o + 1) * size + n - 1) / n);
            count[o] = end[o] - start[o];
        }
        return new Window(start, end, 1, count, new Rule(size, 0, 1, 0, false));
    }
}
