package dev.cresset.ir.script.ast;

import dev.cresset.ir.graph.SourceRange;
import java.util.List;
import java.util.Optional;

/**
 * A function, a method, or a function nested in another.
 *
 * @param returnType from the header or from a {@code # type:} comment
 * @param decorators without the {@code @}, top first
 * @param header     from {@code def} to the colon
 * @param range      from {@code def} to the end of the body
 */
public record FunctionDef(String name, List<Param> params, Optional<Expr> returnType, List<Stmt> body,
        List<Expr> decorators, SourceRange header, SourceRange range) implements Stmt {
    public FunctionDef {
        params = List.copyOf(params);
        body = List.copyOf(body);
        decorators = List.copyOf(decorators);
    }
}
