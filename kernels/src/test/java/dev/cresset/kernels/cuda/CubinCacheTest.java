package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CubinCacheTest {
    private static final byte[] CODE = {1, 2, 3, 4, 5};

    @TempDir private Path folder;
    private final AtomicInteger compilations = new AtomicInteger();

    private byte[] get(CubinCache cache) {
        return cache.get("key", () -> {
            compilations.incrementAndGet();
            return CODE;
        });
    }

    @Test void compilesOnceForAllProcesses() {
        assertArrayEquals(CODE, get(new CubinCache(folder.resolve("made/when/needed"))));
        assertArrayEquals(CODE, get(new CubinCache(folder.resolve("made/when/needed"))));
        assertEquals(1, compilations.get());
    }

    @Test void whatIsDamagedIsCompiledAnew() throws IOException {
        get(new CubinCache(folder));
        Path file = folder.resolve("key.cubin");
        byte[] whole = Files.readAllBytes(file);
        for (int cut = 0; cut < whole.length; cut += 7) {
            Files.write(file, java.util.Arrays.copyOf(whole, cut));
            assertArrayEquals(CODE, get(new CubinCache(folder)));
        }
        byte[] other = whole.clone();
        other[other.length - 1]++;
        Files.write(file, other);
        assertArrayEquals(CODE, get(new CubinCache(folder)));
        assertArrayEquals(whole, Files.readAllBytes(file), "it is whole again");
    }

    @Test void manyWritersLeaveOneWholeFile() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<byte[]>> calls = new ArrayList<>();
            for (int i = 0; i < 64; i++) calls.add(() -> get(new CubinCache(folder)));
            for (Future<byte[]> f : threads.invokeAll(calls)) assertArrayEquals(CODE, f.get());
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of("key.cubin"), files.map(p -> p.getFileName().toString()).toList());
        }
    }

    @Test void withoutAFolderItCompilesEachTime() throws IOException {
        get(new CubinCache(null));
        Path file = Files.writeString(folder.resolve("file"), "not a folder");
        get(new CubinCache(file.resolve("below")));
        assertEquals(2, compilations.get());
    }

    @Test void theKeyKnowsAllThatTheCodeDependsOn() {
        String key = CubinCache.key("source", "sm_80", List.of("-a"), "12.6");
        assertNotEquals(key, CubinCache.key("other", "sm_80", List.of("-a"), "12.6"));
        assertNotEquals(key, CubinCache.key("source", "sm_90", List.of("-a"), "12.6"));
        assertNotEquals(key, CubinCache.key("source", "sm_80", List.of("-b"), "12.6"));
        assertNotEquals(key, CubinCache.key("source", "sm_80", List.of("-a"), "12.7"));
    }
}
