package dev.cresset.ir.archive.pickle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Assembles pickles opcode by opcode, for tests. */
public final class PickleWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public PickleWriter() { op(0x80).op(2); }

    public PickleWriter op(int... bytes) {
        for (int b : bytes) out.write(b);
        return this;
    }

    public PickleWriter global(String module, String name) { return op('c').ascii(module + "\n" + name + "\n"); }

    public PickleWriter string(String s) {
        byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
        op('X').i32(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    public PickleWriter number(int n) { return op('J').i32(n); }

    public PickleWriter real(double d) {
        op('G');
        out.writeBytes(ByteBuffer.allocate(8).putDouble(d).array());
        return this;
    }

    public PickleWriter i32(int n) {
        out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(n).array());
        return this;
    }

    /** A tuple of integers. */
    public PickleWriter numbers(int... ns) {
        op('(');
        for (int n : ns) number(n);
        return op('t');
    }

    /** The persistent id of a storage, on the stack as that storage. */
    public PickleWriter storage(String storageClass, String key, int numel) {
        return op('(').string("storage").global("torch", storageClass).string(key).string("cpu").number(numel).op('t',
                'Q');
    }

    /** A tensor over its own mention of a storage. */
    public PickleWriter tensor(String storageClass, String key, int numel, int offset, int[] sizes, int[] strides) {
        return global("torch._utils", "_rebuild_tensor_v2").op('(').storage(storageClass, key, numel).number(offset)
                .numbers(sizes).numbers(strides).op(0x89).global("collections", "OrderedDict").op(')', 'R', 't', 'R');
    }

    public PickleWriter ascii(String s) {
        out.writeBytes(s.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /** The pickle so far, ended. */
    public byte[] end() {
        op('.');
        return out.toByteArray();
    }
}
