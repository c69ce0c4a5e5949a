package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RecentMapTest {
    @Test void staysSmallAndKeepsWhatIsAskedFor() {
        RecentMap<Integer, Integer> map = new RecentMap<>(16);
        AtomicInteger often = new AtomicInteger(), all = new AtomicInteger();
        for (int i = 0; i < 1000; i++) {
            map.get(-1, often::incrementAndGet);
            map.get(i, all::incrementAndGet);
            assertTrue(map.size() <= 16, "size " + map.size());
        }
        assertEquals(1, often.get(), "what is asked for all the time is made once");
        assertEquals(1000, all.get());
    }

    @Test void remembersTheLastOnes() {
        RecentMap<Integer, Integer> map = new RecentMap<>(16);
        AtomicInteger made = new AtomicInteger();
        for (int i = 0; i < 100; i++) map.get(i, made::incrementAndGet);
        for (int i = 93; i < 100; i++) map.get(i, made::incrementAndGet);
        assertEquals(100, made.get());
    }
}
