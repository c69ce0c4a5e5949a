package dev.cresset.kernels.cpu.jit;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

/** Copies rows whose elements are not next to each other. Addresses and strides in bytes. */
final class Strided {
    private Strided() {}

    static void copy(long from, long fromStride, long to, long toStride, int n, int elementSize) {
        switch (elementSize) {
            case 1 -> bytes(from, fromStride, to, toStride, n);
            case 2 -> shorts(from, fromStride, to, toStride, n);
            case 4 -> ints(from, fromStride, to, toStride, n);
            case 8 -> longs(from, fromStride, to, toStride, n);
            default -> throw new IllegalArgumentException("no elements of " + elementSize + " bytes");
        }
    }

    private static void bytes(long from, long fromStride, long to, long toStride, int n) {
        for (int i = 0; i < n; i++) Memory.ALL.set(JAVA_BYTE, to + i * toStride, Memory.ALL.get(JAVA_BYTE, from + i * fromStride));
    }

    private static void shorts(long from, long fromStride, long to, long toStride, int n) {
        for (int i = 0; i < n; i++) {
            Memory.ALL.set(JAVA_SHORT_UNALIGNED, to + i * toStride, Memory.ALL.get(JAVA_SHORT_UNALIGNED, from + i * fromStride));
        }
    }

    private static void ints(long from, long fromStride, long to, long toStride, int n) {
        for (int i = 0; i < n; i++) {
            Memory.ALL.set(JAVA_INT_UNALIGNED, to + i * toStride, Memory.ALL.get(JAVA_INT_UNALIGNED, from + i * fromStride));
        }
    }

    private static void longs(long from, long fromStride, long to, long toStride, int n) {
        for (int i = 0; i < n; i++) {
            Memory.ALL.set(JAVA_LONG_UNALIGNED, to + i * toStride, Memory.ALL.get(JAVA_LONG_UNALIGNED, from + i * fromStride));
        }
    }
}
