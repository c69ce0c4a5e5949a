package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** How plans run: many at once, without allocating, with the same bits each time. */
class PlanRunsTest {
    @Test void concurrentRunsGiveTheSameBits() throws Exception {
        for (String name : List.of("mlp", "mobilenet-small", "lstm-small")) {
            Models m = Models.of(name, 2);
            try (StaticPlan plan = StaticPlan.compile(m.t.graph(m.result), Trace.OPS, Target.host(2)); ExecutorService callers = Executors.newFixedThreadPool(6)) {
                MemoryPool pool = new MemoryPool(1 << 20);
                Tensor[] inputs = m.t.inputs();
                float[] want = once(plan, pool, inputs);
                List<Callable<float[]>> calls = new ArrayList<>();
                for (int i = 0; i < 60; i++) calls.add(() -> once(plan, pool, inputs));
                for (Future<float[]> f : callers.invokeAll(calls)) assertArrayEquals(want, f.get(), name);
                assertEquals(0, pool.liveBlocks());
            }
        }
    }

    private static float[] once(StaticPlan plan, MemoryPool pool, Tensor[] inputs) {
        CallContext context = Trace.context(pool, 2);
        try {
            return plan.run(context, inputs)[0].toFloatArray();
        } finally {
            context.scope().close();
        }
    }

    @Test void steadyRunsAllocateLittle() {
        Models m = Models.of("mlp", 1);
        try (StaticPlan plan = StaticPlan.compile(m.t.graph(m.result), Trace.OPS, Target.host(1))) {
            plan.warm();
            MemoryPool pool = new MemoryPool(1 << 20);
            CallContext context = Trace.context(pool, 1);
            Tensor[] inputs = m.t.inputs();
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 20_000; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                plan.run(context, inputs);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                context.scope().close();
            }
            assertTrue(least <= 1024, least + " bytes of heap in a run");
        }
    }

    @Test void closingGivesEverythingBack() {
        for (int i = 0; i < 3; i++) {
            Models m = Models.of("resnet-small", 1);
            StaticPlan plan = StaticPlan.compile(m.t.graph(m.result), Trace.OPS, Target.host(2));
            MemoryPool pool = new MemoryPool(1 << 20);
            once(plan, pool, m.t.inputs());
            assertTrue(plan.nativeBytes() > 40 << 20, "weights of 44 MB are packed, got " + plan.nativeBytes());
            plan.close();
            assertEquals(0, pool.liveBlocks());
        }
    }
}
