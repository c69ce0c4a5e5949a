package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.SourceFile;

/**
 * Parses TorchScript, both as stored in archives and as written by people. What it refuses, it refuses with a
 * {@link ScriptException} that shows the place; time is linear in the length of the text and nesting is bounded.
 */
public final class Parser {
    private Parser() {}

    /** A file of classes and functions. */
    public static SourceFile parse(Source source) {
        return new StatementParser(new TokenCursor(source, Lexer.file(source), 0)).file();
    }

    /** One expression, with line breaks anywhere. */
    public static Expr parseExpression(Source source) {
        Lexer.Tokens tokens = Lexer.expression(source, 0, source.text().length());
        return new ExpressionParser(new TokenCursor(source, tokens, 0)).whole();
    }

    /** A type as annotations write it: {@code Dict[str, List[int]]}, {@code Tuple[()]}, {@code __torch__.m.C}. */
    public static Expr parseType(Source source) {
        Expr type = parseExpression(source);
        checkType(type);
        return type;
    }

    private static void checkType(Expr type) {
        switch (type) {
            case Expr.Name _, Expr.NoneLiteral _, Expr.EllipsisLiteral _, Expr.StringLiteral _ -> { }
            case Expr.Attribute _ -> checkDottedName(type);
            case Expr.TupleExpr(var elements, _) when elements.isEmpty() -> { }
            case Expr.ListExpr(var elements, _) -> elements.forEach(Parser::checkType);
            case Expr.Subscript(Expr value, var items, _) -> {
                checkDottedName(value);
                for (Expr.Subscript.Item item : items) checkItem(item);
            }
            default -> throw noType(type);
        }
    }

    private static void checkDottedName(Expr type) {
        Expr root = type;
        while (root instanceof Expr.Attribute(Expr value, _, _)) root = value;
        if (!(root instanceof Expr.Name)) throw noType(type);
    }

    private static ScriptException noType(Expr e) {
        return new ScriptException("This is not a type; types look like Tensor, List[int] or a.b.C", e.range());
    }

    private static void checkItem(Expr.Subscript.Item item) {
        switch (item) {
            case Expr.Subscript.Index(Expr value) -> checkType(value);
            case Expr.Subscript.Slice slice -> throw new ScriptException("A type has no slices", slice.range());
        }
    }
}
