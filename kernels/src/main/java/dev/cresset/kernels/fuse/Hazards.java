package dev.cresset.kernels.fuse;

import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.ir.type.ScalarType;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Expressions that may fail for some elements: they stay operators, which report it. */
final class Hazards {
    private Hazards() {}

    static void check(Expr e) { check(e, Collections.newSetFromMap(new IdentityHashMap<>())); }

    private static void check(Expr e, Set<Expr> seen) {
        if (!seen.add(e)) return;
        switch (e) {
            case Expr.Load _, Expr.Const _, Expr.Param _, Expr.Reduced _ -> { }
            case Expr.Cast(Expr x, ScalarType _) -> check(x, seen);
            case Expr.Unary(UnaryFn _, Expr x) -> check(x, seen);
            case Expr.Binary(BinaryFn fn, Expr a, Expr b) -> {
                boolean mayFail = divides(fn) && Expr.compute(a.type()) == ScalarType.INT64 && !isNonZero(b);
                if (mayFail) throw new CannotFuse("division by zero fails");
                check(a, seen);
                check(b, seen);
            }
            case Expr.Select(Expr c, Expr yes, Expr no) -> {
                check(c, seen);
                check(yes, seen);
                check(no, seen);
            }
        }
    }

    private static boolean divides(BinaryFn fn) {
        return switch (fn) {
            case DIV, FLOOR_DIV, TRUNC_DIV, REMAINDER, FMOD -> true;
            default -> false;
        };
    }

    private static boolean isNonZero(Expr e) {
        return e instanceof Expr.Const(Object v, ScalarType _) && v instanceof Long n && n != 0;
    }
}
