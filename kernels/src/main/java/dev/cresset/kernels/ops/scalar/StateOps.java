package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Device;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.kernels.value.ScriptFuture;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Modes of the running program, optionals, futures, warnings. */
final class StateOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        modes(ops);
        optionals(ops);
        ops.op("aten::wait(Future(t) self) -> t").sideEffects().host(a -> ((ScriptFuture) a.get(0)).await());
        ops.op("aten::warn(str message, int stacklevel=2) -> ()").sideEffects().host(a -> {
            a.context().warn(a.str(0));
            return null;
        });
        ops.op("aten::hash.generic(t value) -> int").host(a -> hash(a.get(0)));
        ops.op("aten::_infer_size(int[] a, int[] b) -> int[]")
            .host(a -> ScriptList.ofLongs(Shapes.broadcast(a.longs(0), a.longs(1))));
    }

    private static void modes(Catalog ops) {
        ops.op("aten::is_grad_enabled() -> bool").nondeterministic().host(a -> a.context().gradEnabled());
        ops.op("aten::set_grad_enabled(bool val) -> ()").sideEffects().host(a -> {
            a.context().setGradEnabled(a.bool(0));
            return null;
        });
        ops.op("aten::is_autocast_enabled() -> bool").host(_ -> false);
        ops.op("aten::is_autocast_cpu_enabled() -> bool").host(_ -> false);
        ops.op("aten::is_scripting() -> bool").host(_ -> true);
        ops.op("aten::_get_tracing_state() -> bool").host(_ -> false);
        ops.op("aten::has_torch_function(...) -> bool").host(_ -> false);
        ops.op("aten::manual_seed(int seed) -> ()").sideEffects().host(a -> {
            a.context().generator().manualSeed(a.int64(0));
            return null;
        });
    }

    private static void optionals(Catalog ops) {
        for (String name : new String[] {"aten::_unwrap_optional", "prim::unchecked_unwrap_optional"}) {
            ops.op(name + "(t(a)? optional) -> t(a)").host(a -> {
                if (a.isNone(0)) throw new ScriptError("Unwrapping null optional");
                return a.get(0);
            });
        }
    }

    /** Equal values have equal hashes, the same in every run; numbers of C++'s libraries are not reproduced, except ints. */
    private static long hash(Object v) {
        return switch (v) {
            case Long l -> l;
            case Boolean b -> b ? 1 : 0;
            case Double d -> d == 0 ? 0 : mix(Double.doubleToLongBits(d));
            case String s -> text(s);
            case EnumMember e -> text(e.type().name() + "." + e.name());
            case Device d -> text(d.toString());
            case List<?> items when v instanceof dev.cresset.kernels.value.ScriptTuple -> {
                long h = 17;
                for (Object item : items) h = mix(31 * h + hash(item));
                yield h;
            }
            case null -> 0;
            default -> throw new ScriptError("unhashable type: " + v.getClass().getSimpleName());
        };
    }

    private static long text(String s) {
        long h = 0xcbf29ce484222325L;
        for (byte b : s.getBytes(StandardCharsets.UTF_8)) h = (h ^ (b & 0xff)) * 0x100000001b3L;
        return h;
    }

    private static long mix(long x) {
        long z = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
        return z ^ z >>> 31;
    }
}
