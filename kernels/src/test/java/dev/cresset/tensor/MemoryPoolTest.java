package dev.cresset.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class MemoryPoolTest {
    private static final SizeClasses CLASSES = new SizeClasses(6);

    @Test void sizeClassesWasteAtMostAQuarter() {
        for (long bytes = 1; bytes < 1 << 20; bytes = bytes * 9 / 8 + 1) {
            long size = CLASSES.sizeOf(CLASSES.classOf(bytes));
            assertTrue(size >= bytes && (size <= 64 || size < bytes * 1.26), bytes + " -> " + size);
            assertEquals(CLASSES.classOf(size), CLASSES.classOf(bytes), "a returned block finds its class");
        }
    }

    @Test void blocksAreAligned() {
        MemoryPool pool = new MemoryPool(1 << 20);
        for (int bytes : new int[] {70, 64, 100, 1}) assertEquals(0, pool.take(bytes).address() % 64);
    }

    @Test void reusesWhatCameBack() {
        MemoryPool pool = new MemoryPool(1 << 20);
        MemorySegment a = pool.take(100_000);
        pool.giveBack(a);
        assertSame(a, pool.take(99_000));
        assertEquals(1, pool.liveBlocks());
    }

    @Test void scopeKeepsWhatHasOwnersAndGivesBackTheRest() {
        MemoryPool pool = new MemoryPool(1 << 20);
        Scope scope = new Scope(pool);
        Storage kept = scope.allocate(1000);
        scope.allocate(1000);
        scope.handOver(kept);
        scope.handOver(kept);
        scope.close();
        assertEquals(1, pool.liveBlocks());
        kept.release();
        assertEquals(1, pool.liveBlocks());
        kept.release();
        assertEquals(0, pool.liveBlocks());
        assertEquals(0, kept.byteSize(), "its memory is no longer reachable through it");
    }

    @Test void lastRegisterGivesBackUnlessEscaped() {
        MemoryPool pool = new MemoryPool(1 << 20);
        Scope scope = new Scope(pool);
        Storage s = scope.allocate(64), escaped = scope.allocate(64);
        s.hold();
        escaped.hold();
        escaped.escape();
        s.unhold();
        escaped.unhold();
        assertEquals(1, pool.liveBlocks());
        scope.close();
        assertEquals(0, pool.liveBlocks());
    }
}
