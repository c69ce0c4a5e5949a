package dev.cresset.bench.subject;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An array of floats in row-major order, as NumPy stores it; the only kind of value that goes in and out of bench models. */
public record FloatArray(float[] data, long[] shape) {
    private static final Pattern HEADER = Pattern.compile("'descr': '<f4', 'fortran_order': False, 'shape': \\(([^)]*)\\)");

    /** @throws IOException if the file is missing or holds anything but a row-major array of float32 */
    public static FloatArray read(Path npy) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(npy)).order(ByteOrder.LITTLE_ENDIAN);
        int length = in.getShort(8) & 0xffff;
        Matcher header = HEADER.matcher(new String(in.array(), 10, length, StandardCharsets.ISO_8859_1));
        if (!header.find()) throw new IOException(npy + " is no row-major float32 array");
        long[] shape = Arrays.stream(header.group(1).split(",")).map(String::strip).filter(s -> !s.isEmpty()).mapToLong(Long::parseLong).toArray();
        float[] data = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
        in.position(10 + length).asFloatBuffer().get(data);
        return new FloatArray(data, shape);
    }

    /** The inputs {@code LABEL.in0.npy}, {@code LABEL.in1.npy}, ... of a model folder. */
    public static List<FloatArray> inputs(Path model, String label) throws IOException {
        List<FloatArray> all = new ArrayList<>();
        for (Path p; Files.exists(p = model.resolve(label + ".in" + all.size() + ".npy")); ) all.add(read(p));
        if (all.isEmpty()) throw new IOException("there is no input " + label + ".in0.npy in " + model);
        return all;
    }

    /** The largest difference, relative to the largest expected value; infinite where NaNs or sizes differ. */
    public double distance(FloatArray expected) {
        if (data.length != expected.data.length) return Double.POSITIVE_INFINITY;
        double most = 0, scale = 0;
        for (int i = 0; i < data.length; i++) {
            float a = data[i], b = expected.data[i];
            if (Float.compare(a, b) == 0) {
                scale = Math.max(scale, Math.abs(b));
                continue;
            }
            double d = Math.abs((double) a - b);
            if (!(d < Double.POSITIVE_INFINITY)) return Double.POSITIVE_INFINITY;
            most = Math.max(most, d);
            scale = Math.max(scale, Math.abs(b));
        }
        return most == 0 ? 0 : most / Math.max(scale, Float.MIN_NORMAL);
    }
}
