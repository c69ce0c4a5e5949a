package dev.cresset.ir.script;

import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.ClassDef;
import dev.cresset.ir.script.ast.FunctionDef;
import dev.cresset.ir.script.ast.Stmt;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The ways control may leave a piece of code before its end.
 *
 * @param returns   by a return
 * @param leaves    by a break or continue of a loop around the code
 */
record Exits(boolean returns, boolean leaves) {
    private static final Exits NONE = new Exits(false, false);

    boolean any() { return returns || leaves; }

    private Exits or(Exits o) { return new Exits(returns || o.returns, leaves || o.leaves); }

    static Exits in(List<Stmt> body) {
        Exits all = NONE;
        for (Stmt s : body) all = all.or(in(s));
        return all;
    }

    static Exits in(Stmt statement) {
        return switch (statement) {
            case Stmt.Return _ -> new Exits(true, false);
            case Stmt.Break _, Stmt.Continue _ -> new Exits(false, true);
            case Stmt.If s -> in(s.yes()).or(in(s.no()));
            case Stmt.While s -> new Exits(in(s.body()).returns, false);
            case Stmt.For s -> new Exits(in(s.body()).returns, false);
            case Stmt.With s -> in(s.body());
            case Stmt.Assign _, Stmt.AugAssign _, Stmt.ExprStmt _, Stmt.Raise _, Stmt.Assert _, Stmt.Pass _, Stmt.Del _,
                 FunctionDef _, ClassDef _ -> NONE;
        };
    }

    /** True if the end of the code is certainly not reached, by return, break or continue. */
    static boolean always(List<Stmt> body) {
        for (Stmt s : body) {
            boolean exits = switch (s) {
                case Stmt.Return _, Stmt.Break _, Stmt.Continue _ -> true;
                case Stmt.If f -> always(f.yes()) && always(f.no());
                case Stmt.With w -> always(w.body());
                default -> false;
            };
            if (exits) return true;
        }
        return false;
    }

    /** The names a piece of code assigns, in order of appearance. */
    static Set<String> assignedNames(List<Stmt> body) {
        Set<String> names = new LinkedHashSet<>();
        collect(body, names);
        return names;
    }

    private static void collect(List<Stmt> body, Set<String> into) {
        for (Stmt s : body) {
            switch (s) {
                case Stmt.Assign a -> a.targets().forEach(t -> targetNames(t, into));
                case Stmt.AugAssign a -> targetNames(a.target(), into);
                case Stmt.If f -> {
                    collect(f.yes(), into);
                    collect(f.no(), into);
                }
                case Stmt.While w -> collect(w.body(), into);
                case Stmt.For f -> {
                    targetNames(f.target(), into);
                    collect(f.body(), into);
                }
                case Stmt.With w -> {
                    w.items().forEach(i -> i.target().ifPresent(t -> targetNames(t, into)));
                    collect(w.body(), into);
                }
                default -> { }
            }
        }
    }

    static void targetNames(Expr target, Collection<String> into) {
        switch (target) {
            case Expr.Name(String name, _) -> into.add(name);
            case Expr.TupleExpr(var elements, _) -> elements.forEach(e -> targetNames(e, into));
            case Expr.ListExpr(var elements, _) -> elements.forEach(e -> targetNames(e, into));
            case Expr.Starred(Expr value, _) -> targetNames(value, into);
            default -> { }
        }
    }
}
