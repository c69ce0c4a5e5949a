package dev.cresset.cli.data;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * NumPy's {@code .npy} files, versions 1 to 3, as tensors (numpy.lib.format). bfloat16 is stored as int16 bit patterns.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([<>|=]?)([a-z?])(\\d*)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([^)]*)\\)");

    private Npy() {}

    /** @throws IllegalArgumentException if it is no such file */
    public static Tensor read(Path file) throws IOException { return read(Files.readAllBytes(file), file.toString()); }

    /** @param name how errors name the data */
    public static Tensor read(byte[] bytes, String name) {
        if (bytes.length < 10 || !Arrays.equals(MAGIC, Arrays.copyOf(bytes, 6))) throw bad(name,
            "does not begin with \\x93NUMPY");
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean longHeader = bytes[6] >= 2;
        int headerAt = longHeader ? 12 : 10;
        int length = longHeader ? in.getInt(8) : in.getShort(8) & 0xffff;
        if (length < 0 || headerAt + length > bytes.length) throw bad(name, "its header is cut off");
        String header = new String(bytes, headerAt, length, StandardCharsets.UTF_8);
        Matcher descr = find(DESCR, header, name), order = find(ORDER, header, name), shape = find(SHAPE, header, name);
        ScalarType dtype = dtype(descr, name);
        long[] sizes = Arrays.stream(shape.group(1).split(",")).map(String::strip).filter(s -> !s.isEmpty())
            .mapToLong(Long::parseLong).toArray();
        long bytesNeeded = Shapes.numel(sizes) * dtype.byteSize();
        int dataAt = headerAt + length;
        if (bytes.length - dataAt < bytesNeeded) throw bad(name, "has " + (bytes.length - dataAt)
            + " bytes of data, needs " + bytesNeeded);
        MemorySegment data = Arena.ofAuto().allocate(Math.max(1, bytesNeeded), 64);
        MemorySegment.copy(MemorySegment.ofArray(bytes), dataAt, data, 0, bytesNeeded);
        if (order.group(1).equals("False")) return Tensor.over(data, dtype, sizes);
        return fortran(data, dtype, sizes);
    }

    private static Tensor fortran(MemorySegment data, ScalarType dtype, long[] sizes) {
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int d = 0; d < sizes.length; d++) {
            strides[d] = step;
            step *= sizes[d];
        }
        return Tensor.over(data, dtype, Shapes.numel(sizes)).view(sizes, strides);
    }

    private static Matcher find(Pattern pattern, String header, String name) {
        Matcher m = pattern.matcher(header);
        if (!m.find()) throw bad(name, "its header is not understood: " + header.strip());
        return m;
    }

    private static ScalarType dtype(Matcher descr, String name) {
        if (descr.group(1).equals(">")) throw bad(name, "big-endian data is not supported");
        return switch (descr.group(2) + descr.group(3)) {
            case "b1", "?" -> ScalarType.BOOL;
            case "u1" -> ScalarType.UINT8;
            case "i1" -> ScalarType.INT8;
            case "i2" -> ScalarType.INT16;
            case "i4" -> ScalarType.INT32;
            case "i8" -> ScalarType.INT64;
            case "f2" -> ScalarType.FLOAT16;
            case "f4" -> ScalarType.FLOAT32;
            case "f8" -> ScalarType.FLOAT64;
            case "c8" -> ScalarType.COMPLEX64;
            case "c16" -> ScalarType.COMPLEX128;
            default -> throw bad(name, "element type " + descr.group() + " is not supported");
        };
    }

    private static IllegalArgumentException bad(String name, String what) {
        return new IllegalArgumentException(name + " is no usable .npy file: it " + what);
    }

    /** The file's content for a tensor, row-major. */
    public static byte[] write(Tensor t) {
        String descr = switch (t.dtype()) {
            case BOOL -> "|b1";
            case UINT8, QUINT8 -> "|u1";
            case INT8, QINT8 -> "|i1";
            case INT16, BFLOAT16 -> "<i2";
            case INT32, QINT32 -> "<i4";
            case INT64 -> "<i8";
            case FLOAT16 -> "<f2";
            case FLOAT32 -> "<f4";
            case FLOAT64 -> "<f8";
            case COMPLEX64 -> "<c8";
            case COMPLEX128 -> "<c16";
            case COMPLEX32 -> throw new IllegalArgumentException("NumPy has no complex32");
        };
        String shape = Arrays.stream(t.sizes()).mapToObj(Long::toString)
            .collect(Collectors.joining(", ", "(", t.dim() == 1 ? ",)" : ")"));
        String header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
        int padded = (10 + header.length() + 1 + 63) / 64 * 64;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(MAGIC);
        out.write(1);
        out.write(0);
        out.write((padded - 10) & 0xff);
        out.write((padded - 10) >> 8);
        out.writeBytes((header + " ".repeat(padded - 11 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(rowMajorBytes(t));
        return out.toByteArray();
    }

    private static byte[] rowMajorBytes(Tensor t) {
        Tensor dense = t.isContiguous() ? t : copy(t);
        return dense.contiguousData().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    private static Tensor copy(Tensor t) {
        Tensor out = Tensor.zeros(t.dtype(), t.sizes());
        dev.cresset.kernels.expr.Elementwise.copy(t, out);
        return out;
    }
}
