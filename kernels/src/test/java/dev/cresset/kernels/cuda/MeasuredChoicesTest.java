package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuredChoicesTest {
    private static final List<String> WAYS = List.of("the long way", "a b", "c");
    private static final ToDoubleFunction<String> BY_LENGTH = String::length;

    @TempDir private Path folder;

    private MeasuredChoices choices() { return choices("device"); }

    private MeasuredChoices choices(String environment) { return new MeasuredChoices(folder, environment, (_, _) -> 0); }

    private static double notMeasured(String way) { return fail("measures " + way); }

    @Test void measuresOnceForAllProcesses() {
        assertEquals("c", choices().fastest("work", WAYS, BY_LENGTH));
        assertEquals("a b", choices().fastest("other work", List.of("a b", "long"), BY_LENGTH));
        assertEquals("c", choices().fastest("work", WAYS, MeasuredChoicesTest::notMeasured));
        assertEquals("a b", choices().fastest("other work", List.of("long", "a b"), MeasuredChoicesTest::notMeasured));
    }

    @Test void otherDevicesAndOtherWaysAreMeasured() {
        choices().fastest("work", WAYS, BY_LENGTH);
        assertEquals("the long way", choices("other").fastest("work", WAYS, w -> -w.length()));
        assertEquals("a b", choices().fastest("work", List.of("the long way", "a b"), BY_LENGTH));
    }

    @Test void theFirstOfEquals() {
        assertEquals("a", choices().fastest("work", List.of("a", "b"), _ -> 1));
        assertEquals("b", choices().fastest("only", List.of("b"), MeasuredChoicesTest::notMeasured));
        assertEquals("b", MeasuredChoices.none().fastest("work", List.of("b", "a"), MeasuredChoicesTest::notMeasured));
    }

    @Test void whatCannotBeDoneIsNotRemembered() {
        assertEquals("a", choices().fastest("work", List.of("a", "b"), _ -> Double.POSITIVE_INFINITY));
        assertEquals("b", choices().fastest("work", List.of("a", "b"), w -> w.equals("a") ? Double.POSITIVE_INFINITY : 1));
    }

    @Test void whatIsDamagedIsMeasuredAnew() throws IOException {
        choices().fastest("work", WAYS, BY_LENGTH);
        Path file = files().getFirst();
        byte[] whole = Files.readAllBytes(file);
        for (int cut = 0; cut < whole.length; cut += 5) {
            Files.write(file, Arrays.copyOf(whole, cut));
            assertEquals("the long way", choices().fastest("work", WAYS, w -> -w.length()));
        }
    }

    @Test void isBounded() throws IOException {
        MeasuredChoices c = choices();
        for (int i = 0; i < 3; i++) c.fastest("work " + i, WAYS, BY_LENGTH);
        long each = Files.size(files().getFirst()) / 3;
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < MeasuredChoices.MOST; i++) lines.append("key").append(i).append(" way\n");
        new CubinCache(folder).keepText(files().getFirst().getFileName().toString(), lines.toString());
        assertEquals("c", choices().fastest("more work", WAYS, BY_LENGTH));
        assertEquals("c", choices().fastest("more work", WAYS, MeasuredChoicesTest::notMeasured));
        assertTrue(Files.size(files().getFirst()) < each * MeasuredChoices.MOST);
    }

    @Test void manyWritersLeaveOneWholeFile() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<String>> calls = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String work = "work " + i % 5;
                calls.add(() -> choices().fastest(work, WAYS, BY_LENGTH));
            }
            for (Future<String> f : threads.invokeAll(calls)) assertEquals("c", f.get());
        }
        assertEquals(1, files().size());
        assertEquals("c", choices().fastest("last", WAYS, BY_LENGTH));
        assertEquals("c", choices().fastest("last", WAYS, MeasuredChoicesTest::notMeasured));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }
}
