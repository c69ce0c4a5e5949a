package dev.cresset.kernels.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Makes a shared library need another version of a library: {@code libcublas.so.13} instead of {@code libcublas.so.12},
 * where the functions it calls are the same in both. An ELF file names the library it needs, and the version of its
 * symbols, by strings; a record beside them holds the hash of the version's name.
 */
final class ElfRebinder {
    private static final int SECTION_OFFSET = 0x28;
    private static final int SECTION_SIZE = 0x3a;
    private static final int SECTION_COUNT = 0x3c;
    private static final int VERSIONS_NEEDED = 0x6ffffffe;

    private ElfRebinder() {}

    /**
     * @param file a 64-bit little-endian ELF file
     * @param from the name of a library it may need, {@code libcublas.so.12}
     * @param to   the new name, of the same length
     * @return the changed file; an equal one if it does not need that library
     */
    static byte[] rebind(byte[] file, String from, String to) {
        if (from.length() != to.length()) throw new IllegalArgumentException(from + " and " + to + " differ in length");
        byte[] out = file.clone();
        byte[] old = (from + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] replacement = (to + "\0").getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at + old.length <= out.length; at++) {
            if (out[at] == old[0] && Arrays.equals(out, at, at + old.length, old, 0, old.length)) {
                System.arraycopy(replacement, 0, out, at, replacement.length);
            }
        }
        replaceHashes(ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN), hash(from), hash(to));
        return out;
    }

    private static void replaceHashes(ByteBuffer elf, int from, int to) {
        if (elf.getInt(0) != 0x464c457f || elf.get(4) != 2) throw new IllegalArgumentException("no 64-bit ELF file");
        long sections = elf.getLong(SECTION_OFFSET);
        int size = elf.getShort(SECTION_SIZE);
        int count = elf.getShort(SECTION_COUNT);
        for (int i = 0; i < count; i++) {
            int header = (int) sections + i * size;
            if (elf.getInt(header + 4) != VERSIONS_NEEDED) continue;
            int need = (int) elf.getLong(header + 0x18);
            for (int next = -1; next != 0; need += next) {          // Elf64_Verneed: version, count, file, aux, next
                int aux = need + elf.getInt(need + 8);
                for (int step = -1; step != 0; aux += step) {       // Elf64_Vernaux: hash, flags, other, name, next
                    if (elf.getInt(aux) == from) elf.putInt(aux, to);
                    step = elf.getInt(aux + 12);
                }
                next = elf.getInt(need + 12);
            }
        }
    }

    /** The hash function of the ELF specification. */
    static int hash(String name) {
        int h = 0;
        for (byte c : name.getBytes(StandardCharsets.US_ASCII)) {
            h = (h << 4) + c;
            int high = h & 0xf0000000;
            h ^= high >>> 24;
            h &= ~high;
        }
        return h;
    }
}
