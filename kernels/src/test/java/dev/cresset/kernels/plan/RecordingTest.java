package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.Operator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What happens on the device while the work of a plan is recorded. */
@EmulatedCuda
class RecordingTest {
    private final Trace t = new Trace(3);

    /** A copy; on a device it does something else, too, each time it runs. */
    private static Operator copyWith(Consumer<CudaStream> meddling) {
        return new Catalog(List.of(ops -> ops.op("test::copy(Tensor self) -> Tensor")
            .kernel(a -> Meta.like(a.tensor(0)), (a, out) -> Elementwise.copy(a.tensor(0), out))
            .cuda((a, out) -> {
                meddling.accept(CudaCall.stream(a.context()));
                Elementwise.copy(a.context(), a.tensor(0), out);
            }))).get("test::copy");
    }

    private Value meddled(Consumer<CudaStream> meddling) {
        return t.op("tanh", t.call(copyWith(meddling), t.op("neg", t.input(4, 5))).getFirst());
    }

    /** Other calls wait for tensors of this call's stream, read them, and free its memory. */
    @Test void whatOtherThreadsDoWithTheStreamOfACall() {
        try (OnDevice d = new OnDevice()) {
            String text = d.check(t, 1e-6, meddled(_ -> CompletableFuture.runAsync(() -> {
                CudaStream third = d.device.lease();
                for (CudaStream s : List.of(d.one, d.other)) {
                    third.waitFor(s);
                    s.waitFor(third);
                    s.synchronize();
                }
                d.device.giveBack(third);
                d.device.synchronize();
            }, work -> Thread.ofPlatform().start(work)).join()));
            assertTrue(text.contains("1 graph with 3 nodes") && !text.contains("could not"), text);
        }
    }

    /** What is spoilt from outside is recorded again. */
    @Test void whatSomebodyElseSpoils() {
        CudaEmulation.set("fail_recording", 1);
        try (OnDevice d = new OnDevice()) {
            String text = d.check(t, 1e-6, meddled(_ -> { }));
            assertTrue(text.contains("1 graph with 3 nodes") && !text.contains("could not"), text);
        }
    }

    /** A library may do what cannot be recorded: the steps are given one by one then. */
    @Test void whatCannotBeRecorded() {
        try (OnDevice d = new OnDevice()) {
            Value spoilt = meddled(CudaStream::synchronize), whole = t.op("sigmoid", t.input(3));
            String text = d.check(t, 1e-6, spoilt, whole);
            assertTrue(text.contains("could not be recorded: cuStreamSynchronize on cuda:0 answers "), text);
        }
    }
}
