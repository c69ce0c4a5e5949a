package dev.cresset;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.testmodels.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Damages archives at random: cut off, bits flipped, bytes overwritten, ranges moved. Loading one must end soon, in a
 * program or in an error of ours. {@code -Dfuzz.seconds=N} runs longer, {@code -Dfuzz.seed=N} repeats.
 */
class DamagedFilesTest {
    private static final long SECONDS = Long.getLong("fuzz.seconds", 8);
    private static final long SEED = Long.getLong("fuzz.seed", 20_261_121);
    private static final long SMALLEST_FILE = 200;
    private static final long LARGEST_FILE = 300_000;
    /** A file is refused or loaded in milliseconds; this allows for a busy machine. */
    private static final double SLOWEST_SECONDS = 10;

    @Test void endInAnErrorOrAProgram() throws IOException {
        Random random = new Random(SEED);
        try (TestModels models = TestModels.open(); Engine engine = Engine.builder().memoryBytes(1L << 30).build()) {
            List<byte[]> archives = archives(models);
            long end = System.nanoTime() + SECONDS * 1_000_000_000L;
            int tried = 0;
            for (; System.nanoTime() < end; tried++) {
                int which = random.nextInt(archives.size());
                attempt(engine, damaged(archives.get(which), random), "seed " + SEED + ", attempt " + tried + ", archive " + which);
            }
            assertTrue(tried > 50, "only " + tried + " files were tried");
        }
    }

    private static List<byte[]> archives(TestModels models) throws IOException {
        List<byte[]> out = new ArrayList<>();
        try (Stream<Path> files = Files.walk(models.root())) {
            for (Path f : files.filter(f -> f.toString().endsWith(".pt") || f.toString().endsWith(".ptl")).sorted().toList()) {
                if (Files.size(f) >= SMALLEST_FILE && Files.size(f) <= LARGEST_FILE) out.add(Files.readAllBytes(f));
            }
        }
        return out;
    }

    private static void attempt(Engine engine, byte[] file, String which) {
        long start = System.nanoTime();
        try (Program program = engine.load(file, "damaged.pt")) {
            program.instantiate().close();
        } catch (CressetException e) {
            assertTrue(e.getMessage() != null && !e.getMessage().isBlank(), which);
        } catch (RuntimeException | Error e) {
            fail(which + " ended in " + e, e);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        assertTrue(seconds < SLOWEST_SECONDS, () -> which + " took " + seconds + " s");
    }

    private static byte[] damaged(byte[] original, Random random) {
        byte[] file = original.clone();
        switch (random.nextInt(4)) {
            case 0 -> { return java.util.Arrays.copyOf(file, random.nextInt(file.length)); }
            case 1 -> {
                for (int i = random.nextInt(8); i >= 0; i--) file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
            }
            case 2 -> {
                for (int i = random.nextInt(4); i >= 0; i--) file[random.nextInt(file.length)] = (byte) random.nextInt();
            }
            default -> {
                int length = random.nextInt(Math.min(64, file.length));
                System.arraycopy(file, random.nextInt(file.length - length + 1), file, random.nextInt(file.length - length + 1), length);
            }
        }
        return file;
    }
}
