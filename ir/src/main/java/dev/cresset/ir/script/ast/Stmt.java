package dev.cresset.ir.script.ast;

import dev.cresset.ir.graph.SourceRange;
import java.util.List;
import java.util.Optional;

/** A statement of TorchScript, as written; {@code elif} is an {@link If} alone in the else branch. */
public sealed interface Stmt permits Stmt.Assign, Stmt.AugAssign, Stmt.ExprStmt, Stmt.Return, Stmt.Raise, Stmt.Assert,
        Stmt.Pass, Stmt.Break, Stmt.Continue, Stmt.Del, Stmt.If, Stmt.While, Stmt.For, Stmt.With, FunctionDef,
                ClassDef {
    SourceRange range();

    /**
     * {@code a = b = value}, {@code a : T = value}, or the declaration {@code a : T} without a value.
     *
     * @param targets    left to right; a {@link Expr.TupleExpr} or {@link Expr.ListExpr} unpacks, {@code a, = t} too.
     *                   An annotated assignment has one
     * @param annotation the type, if given
     * @param value      missing only if there is an annotation
     */
    record Assign(List<Expr> targets, Optional<Expr> annotation, Optional<Expr> value, SourceRange range)
            implements Stmt {
        public Assign { targets = List.copyOf(targets); }
    }

    /** {@code target op= value}. */
    record AugAssign(Expr target, BinaryOp op, Expr value, SourceRange range) implements Stmt {}

    record ExprStmt(Expr value, SourceRange range) implements Stmt {}

    record Return(Optional<Expr> value, SourceRange range) implements Stmt {}

    record Raise(Expr value, SourceRange range) implements Stmt {}

    record Assert(Expr condition, Optional<Expr> message, SourceRange range) implements Stmt {}

    record Pass(SourceRange range) implements Stmt {}

    record Break(SourceRange range) implements Stmt {}

    record Continue(SourceRange range) implements Stmt {}

    record Del(List<Expr> targets, SourceRange range) implements Stmt {
        public Del { targets = List.copyOf(targets); }
    }

    /** The else branch is empty if there is none. */
    record If(Expr condition, List<Stmt> yes, List<Stmt> no, SourceRange range) implements Stmt {
        public If {
            yes = List.copyOf(yes);
            no = List.copyOf(no);
        }
    }

    record While(Expr condition, List<Stmt> body, SourceRange range) implements Stmt {
        public While { body = List.copyOf(body); }
    }

    /** The target is a {@link Expr.TupleExpr} in {@code for a, b in xs}. */
    record For(Expr target, Expr iter, List<Stmt> body, SourceRange range) implements Stmt {
        public For { body = List.copyOf(body); }
    }

    record With(List<Item> items, List<Stmt> body, SourceRange range) implements Stmt {
        /** {@code context as target}. */
        public record Item(Expr context, Optional<Expr> target) {}

        public With {
            items = List.copyOf(items);
            body = List.copyOf(body);
        }
    }
}
