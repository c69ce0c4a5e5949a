package dev.cresset.kernels.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The arguments of a launch, in native memory as the driver reads them: their values, and a table of pointers to these.
 * Kept and filled anew for each launch ({@link #clear}); for one thread at a time.
 */
public final class KernelArguments {
    /** What all parameters of a kernel may take, on every device. */
    private static final int VALUE_BYTES = 4096;
    private static final int MAX_COUNT = 512;
    private static final int ALIGNMENT = 16;

    private final MemorySegment values;
    private final MemorySegment pointers;
    private int count;
    private long used;

    public KernelArguments() {
        Arena arena = Arena.ofAuto();
        values = arena.allocate(VALUE_BYTES, ALIGNMENT);
        pointers = arena.allocate((long) MAX_COUNT * Long.BYTES, Long.BYTES);
    }

    /** Forgets the arguments. */
    public KernelArguments clear() {
        count = 0;
        used = 0;
        return this;
    }

    /** Adds a pointer to device memory. */
    public KernelArguments pointer(long deviceAddress) { return integer(deviceAddress); }

    /** Adds a {@code long long}. */
    public KernelArguments integer(long value) {
        values.set(JAVA_LONG, next(Long.BYTES, Long.BYTES), value);
        return this;
    }

    /** Adds an {@code int}. */
    public KernelArguments integer(int value) {
        values.set(JAVA_INT, next(Integer.BYTES, Integer.BYTES), value);
        return this;
    }

    /** Adds a {@code short}, or the bits of a {@code __half} or {@code __nv_bfloat16}. */
    public KernelArguments bits16(short value) {
        values.set(JAVA_SHORT, next(Short.BYTES, Short.BYTES), value);
        return this;
    }

    /** Adds a {@code char} or {@code bool}. */
    public KernelArguments bits8(byte value) {
        values.set(JAVA_BYTE, next(1, 1), value);
        return this;
    }

    public KernelArguments number(float value) {
        values.set(JAVA_FLOAT, next(Float.BYTES, Float.BYTES), value);
        return this;
    }

    public KernelArguments number(double value) {
        values.set(JAVA_DOUBLE, next(Double.BYTES, Double.BYTES), value);
        return this;
    }

    /** Adds a {@code struct} passed by value, laid out as C does. */
    public KernelArguments struct(MemorySegment value) {
        MemorySegment.copy(value, 0, values, next(value.byteSize(), ALIGNMENT), value.byteSize());
        return this;
    }

    /** How many arguments there are. */
    public int count() { return count; }

    MemorySegment pointers() { return pointers; }

    private long next(long bytes, int alignment) {
        long offset = used + alignment - 1 & -alignment;
        if (offset + bytes > VALUE_BYTES || count == MAX_COUNT) {
            throw new IllegalArgumentException("the arguments of a kernel take more than " + VALUE_BYTES + " bytes");
        }
        used = offset + bytes;
        pointers.setAtIndex(JAVA_LONG, count++, values.address() + offset);
        return offset;
    }
}
