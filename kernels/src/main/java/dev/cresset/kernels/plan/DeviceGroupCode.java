package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.NestLaunch;
import dev.cresset.kernels.fuse.LoweredGroup;
import dev.cresset.kernels.op.CallContext;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** A fusion group's CUDA kernels: by where its operands lie there may be two. */
final class DeviceGroupCode implements GroupCode {
    private final NestLaunch nest;
    private final Predicate<Runnable> background;
    private final Map<NestLaunch.Form, Code> codes = new ConcurrentHashMap<>(2);
    private final Code fresh;

    /** @throws UnsupportedException if there can be no kernel for it */
    DeviceGroupCode(CudaDevice device, LoweredGroup group, Predicate<Runnable> background) {
        this.background = background;
        if (DeviceFusedStep.dividesIntegers(group.nest())) throw new UnsupportedException("it divides integers, and operators look for zeros", List.of());
        nest = new NestLaunch(device, group.nest());
        fresh = code(new long[group.inputs().size() + group.results().size()]);
    }

    private Code code(long[] addresses) { return codes.computeIfAbsent(nest.form(addresses), Code::new); }

    private final class Code extends LateCode<Run> {
        final NestLaunch.Form form;

        Code(NestLaunch.Form form) {
            super(background);
            this.form = form;
        }

        @Override Run there() { return form.isThere() ? this::launch : null; }

        @Override boolean isGone() { return !form.isThere(); }

        @Override Run make(boolean fast) {
            form.compile();
            return this::launch;
        }

        private void launch(CallContext context, long[] addresses) { form.launch(CudaCall.stream(context), addresses); }
    }

    @Override public Run ready(long[] addresses) { return code(addresses).get(); }

    @Override public void warm() { fresh.warm(); }

    @Override public boolean isWarm() { return fresh.isWarm(); }

    @Override public String refusal() { return fresh.refusal(); }

    @Override public String text() { return fresh.form.text(); }
}
