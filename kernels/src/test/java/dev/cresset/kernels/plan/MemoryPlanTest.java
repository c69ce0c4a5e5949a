package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Buffers in use at the same time lie apart, and memory is used again. */
class MemoryPlanTest {
    private static Buffer buffer(int index, long bytes, int first, int last) { return buffer(index, bytes, MemoryPlan.ALIGNMENT, first, last); }

    private static Buffer buffer(int index, long bytes, long alignment, int first, int last) {
        Buffer b = new Buffer(index, Buffer.Kind.INTERNAL, bytes, alignment);
        b.usedAt(first);
        b.usedAt(last);
        return b;
    }

    @RepeatedTest(50) void liveBuffersLieApart(RepetitionInfo info) {
        Random r = new Random(info.getCurrentRepetition());
        List<Buffer> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int first = r.nextInt(30);
            all.add(buffer(i, r.nextInt(5000), r.nextInt(4) == 0 ? 256 : 64, first, first + r.nextInt(6)));
        }
        check(all, MemoryPlan.place(all));
    }

    private static void check(List<Buffer> all, long block) {
        for (Buffer a : all) {
            if (a.kind() != Buffer.Kind.INTERNAL || a.first < 0) continue;
            assertEquals(0, a.offset % a.alignment);
            assertTrue(a.offset + a.bytes <= block, a.index + " lies outside");
            for (Buffer b : all) {
                boolean both = b.index > a.index && b.kind() == Buffer.Kind.INTERNAL && b.first >= 0 && a.first <= b.last && b.first <= a.last;
                boolean apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
                assertTrue(!both || apart, () -> "buffers " + a.index + " and " + b.index + " overlap");
            }
        }
    }

    @Test void placesAreUsedAgain() {
        List<Buffer> chain = new ArrayList<>();
        for (int i = 0; i < 20; i++) chain.add(buffer(i, 1024, i, i + 1));
        assertEquals(2 * 1024, MemoryPlan.place(chain));
    }

    @Test void networksNeedLittle() {
        Models m = Models.of("resnet-small", 1);
        try (StaticPlan plan = StaticPlan.compile(m.t.graph(new Value[] {m.result}), Trace.OPS, Target.host(1))) {
            check(plan.layout().buffers(), plan.layout().blockBytes());
            long sum = plan.layout().buffers().stream().filter(b -> b.kind() == Buffer.Kind.INTERNAL).mapToLong(b -> b.bytes).sum();
            assertTrue(plan.layout().blockBytes() < sum / 3, plan.layout().blockBytes() + " of " + sum + " bytes");
        }
    }

    /** Two convolutions of the same tensor, say, that work in so many bytes each. */
    private static List<Buffer> scratches(long bytes) {
        Buffer in = new Buffer(0, Buffer.Kind.INPUT, 64), first = new Buffer(1, Buffer.Kind.INTERNAL, bytes), second = new Buffer(2, Buffer.Kind.INTERNAL, bytes);
        List<Step> steps = List.of(step(in, new Buffer(3, Buffer.Kind.RESULT, 64), first), step(in, new Buffer(4, Buffer.Kind.RESULT, 64), second));
        first.usedAt(0);
        second.usedAt(1);
        MemoryPlan.place(List.of(first, second), steps, StepOrder.ofTensors(steps));
        return List.of(first, second);
    }

    private static Step step(Buffer from, Buffer to, Buffer scratch) {
        return new DeviceConvolutionStep(null, Place.of(from, BYTES), Place.of(from, BYTES), null, null, Place.of(to, BYTES), scratch, false);
    }

    private static final Meta BYTES = Meta.of(ScalarType.UINT8, 64);

    @Test void branchesHaveMemoryOfTheirOwnWhereThatIsCheap() {
        List<Buffer> cheap = scratches(8 << 20), dear = scratches(100 << 20);
        assertEquals(8 << 20, Math.abs(cheap.get(0).offset - cheap.get(1).offset));
        assertEquals(List.of(0L, 0L), dear.stream().map(b -> b.offset).toList());
    }
}
