package dev.cresset.ir.archive;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.archive.pickle.PickleDict;
import dev.cresset.ir.archive.pickle.PickleObject;
import dev.cresset.ir.archive.pickle.StoredTensor;
import dev.cresset.ir.diag.ArchiveException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Damaged archives give an {@link ArchiveException} or a model, and nothing else. The seed can be given as {@code
 * -Dcresset.seed=}.
 */
class ArchiveFuzzTest {
    private static final int ROUNDS = 4000;
    private static final long SECONDS = 5;

    @Test void damageIsAnArchiveException() {
        long seed = Long.getLong("cresset.seed", 20240611L);
        Random random = new Random(seed);
        byte[][] originals = {ArchiveBuilder.small().build(), ArchiveBuilder.small().deflated().build(),
                ArchiveBuilder.small().zip64().build()};
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        int refused = 0;
        for (int round = 0; round < ROUNDS && System.nanoTime() < end; round++) {
            byte[] damaged = damage(originals[round % originals.length], random);
            try {
                readAll(damaged);
            } catch (ArchiveException e) {
                refused++;
            } catch (Throwable e) {
                fail("seed " + seed + ", round " + round + ": " + e, e);
            }
        }
        assertTrue(refused > 100, "only " + refused + " files were refused, seed " + seed);
    }

    private static byte[] damage(byte[] original, Random random) {
        if (random.nextInt(8) == 0) return Arrays.copyOf(original, random.nextInt(original.length));
        byte[] bytes = original.clone();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(bytes.length);
            bytes[at] = random.nextBoolean() ? (byte) (bytes[at] ^ 1 << random.nextInt(8)) : (byte) random.nextInt();
        }
        return bytes;
    }

    private static void readAll(byte[] file) {
        try (ModelFile model = ModelFile.open(file, "fuzzed.pt")) {
            Archive archive = model.archive();
            for (String entry : archive.entries()) archive.read(entry);
            for (String code : archive.codeFiles()) {
                var source = archive.source(code);
                for (int i = 0; i < source.text().length(); i += 7) source.origins().at(i).ifPresent(r -> r.show());
            }
            if (model.root() instanceof PickleObject root && root.state() instanceof PickleDict state) {
                for (Object value : state.byName().values()) {
                    if (value instanceof StoredTensor t) model.data(t.storage());
                }
            }
        }
    }
}
