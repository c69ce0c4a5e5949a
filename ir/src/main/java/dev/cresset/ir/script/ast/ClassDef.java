package dev.cresset.ir.script.ast;

import dev.cresset.ir.graph.SourceRange;
import java.util.List;

/**
 * A class of any kind (module, plain, NamedTuple, Enum, interface); which one follows from its bases.
 *
 * @param bases  {@code Module}, {@code NamedTuple}, {@code Enum}, …; empty for a plain class
 * @param body   in order: {@link Stmt.Assign} for attributes, constants and members, {@link FunctionDef} for methods
 * @param header from {@code class} to the colon
 * @param range  from {@code class} to the end of the body
 */
public record ClassDef(String name, List<Expr> bases, List<Stmt> body, List<Expr> decorators, SourceRange header,
        SourceRange range) implements Stmt {
    public ClassDef {
        bases = List.copyOf(bases);
        body = List.copyOf(body);
        decorators = List.copyOf(decorators);
    }

    /** The functions of the body, in order. */
    public List<FunctionDef> methods() {
        return body.stream().filter(FunctionDef.class::isInstance).map(FunctionDef.class::cast).toList();
    }

    /** The assignments and declarations of the body, in order. */
    public List<Stmt.Assign> assignments() {
        return body.stream().filter(Stmt.Assign.class::isInstance).map(Stmt.Assign.class::cast).toList();
    }
}
