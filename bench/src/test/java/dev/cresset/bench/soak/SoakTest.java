package dev.cresset.bench.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.bench.soak.Soak.Length;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Short soaks, judged by counts and balances. {@code ./cresset bench --soak shapes --minutes 10} and the like are the long ones. */
class SoakTest {
    @Test void manyShapesGiveTheirMemoryBack() throws Exception {
        try (Engine engine = Engine.builder().threads(1).cacheBytes(64 << 20).build()) {
            Samples samples = new Samples(engine);
            Map<String, Long> counts = new ShapeSoak(engine, samples, 4, 40, 1).run(Length.calls(60));
            assertEquals(60, counts.get("calls"));
            assertTrue(counts.get("shapes") > 40, counts.toString());
            assertEquals(0, engine.memory().liveBlocks());
            assertTrue(engine.memory().cachedBytes() < 65 << 20, "kept " + engine.memory().cachedBytes());
            assertTrue(samples.all().size() >= 2);
            assertTrue(samples.all().stream().allMatch(s -> s.plans() <= 16), "plans of a function are few, however many shapes come");
        }
    }

    @Test void manyThreadsGetTheSameBits() throws Exception {
        for (ExecutionMode mode : List.of(ExecutionMode.INTERPRET, ExecutionMode.OPTIMIZE)) {
            try (Engine engine = Engine.builder().threads(1).mode(mode).build()) {
                Map<String, Long> counts = new ThreadSoak(engine, new Samples(engine), 16).run(Length.calls(160));
                assertEquals(160, counts.get("calls"));
                assertEquals(0, engine.memory().liveBlocks());
            }
        }
    }

    @Test void instancesKeepTheirStatesApart() {
        try (Engine engine = Engine.builder().threads(1).build()) {
            Map<String, Long> counts = new InstanceSoak(engine, new Samples(engine), 100).run(Length.calls(600));
            assertEquals(6, counts.get("rounds"));
            assertEquals(0, engine.memory().liveBlocks());
        }
    }
}
