package dev.cresset.bench.differential.program;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.bench.StoredZip;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.zip.ZipOutputStream;

/** Packs the source and weights of a module into a TorchScript archive, as {@code torch.jit.save} would. */
public final class ProgramArchive {
    private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();

    private ProgramArchive() {}

    public static byte[] of(RandomProgram program) {
        return pack(program.source(), program.weights().values(), program.counter());
    }

    /** @param source of a class M in {@code __torch__} */
    public static byte[] pack(String source, Collection<Weight> weights, boolean counter) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            StoredZip.put(zip, "random/data.pkl", new ProgramArchive().module(List.copyOf(weights), counter));
            StoredZip.put(zip, "random/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            int key = 0;
            for (Weight w : weights) StoredZip.put(zip, "random/data/" + key++, elements(w.dtype(), w.elements()));
            StoredZip.put(zip, "random/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            StoredZip.put(zip, "random/version", "10\n".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Little-endian. */
    static byte[] elements(ScalarType dtype, double[] values) {
        ByteBuffer b = ByteBuffer.allocate(dtype.byteSize() * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double v : values) {
            switch (dtype) {
                case FLOAT32 -> b.putFloat((float) v);
                case FLOAT64 -> b.putDouble(v);
                case INT64 -> b.putLong((long) v);
                case BOOL -> b.put((byte) (v != 0 ? 1 : 0));
                default -> throw new IllegalArgumentException("no elements of " + dtype + " in random programs");
            }
        }
        return b.array();
    }

    // ---- the pickle of the module object, protocol 2

    private byte[] module(List<Weight> weights, boolean counter) {
        op(0x80, 2).global("__torch__", "M").op(')', 0x81, '}', '(');
        string("training").op(0x89);
        for (int i = 0; i < weights.size(); i++) {
            string(weights.get(i).name());
            tensor(weights.get(i), i);
        }
        if (counter) string("count").number(0);
        op('u', 'b', '.');
        return pickle.toByteArray();
    }

    private void tensor(Weight w, int key) {
        global("torch._utils", "_rebuild_tensor_v2").op('(');
        op('(').string("storage").global("torch", w.dtype().storageName()).string("" + key).string("cpu").number(w.numel()).op('t', 'Q');
        number(0).numbers(w.shape()).numbers(strides(w.shape())).op(0x89).global("collections", "OrderedDict").op(')', 'R', 't', 'R');
    }

    private static long[] strides(long[] shape) {
        long[] strides = new long[shape.length];
        Arrays.setAll(strides, i -> Arrays.stream(shape, i + 1, shape.length).reduce(1, (a, b) -> a * b));
        return strides;
    }

    private ProgramArchive op(int... bytes) {
        for (int b : bytes) pickle.write(b);
        return this;
    }

    private ProgramArchive global(String module, String name) {
        op('c');
        pickle.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    private ProgramArchive string(String s) {
        op('X');
        return word(s.length()).text(s);
    }

    private ProgramArchive text(String s) {
        pickle.writeBytes(s.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    private ProgramArchive number(long n) { return op('J').word((int) n); }

    private ProgramArchive numbers(long[] ns) {
        op('(');
        for (long n : ns) number(n);
        return op('t');
    }

    private ProgramArchive word(int n) {
        pickle.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(n).array());
        return this;
    }
}
