package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.Param;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a {@code # type:} comment says. */
final class TypeComment {
    record Signature(List<Param> params, Expr returns) {}

    private TypeComment() {}

    static Expr type(TokenCursor cursor, SourceRange comment) {
        return new ExpressionParser(within(cursor, comment)).whole();
    }

    private static TokenCursor within(TokenCursor cursor, SourceRange comment) {
        Lexer.Tokens tokens = Lexer.expression(cursor.source(), comment.start(), comment.end());
        return new TokenCursor(cursor.source(), tokens, cursor.depth());
    }

    /** {@code (int, Tensor) -> Tensor}; {@code self} may be left out, {@code (...)} leaves all out. */
    static Signature signature(TokenCursor outer, SourceRange comment, List<Param> params) {
        TokenCursor cursor = within(outer, comment);
        ExpressionParser parser = new ExpressionParser(cursor);
        List<Expr> types = new ArrayList<>();
        cursor.expect("(", "at the start of a type comment, as in # type: (int) -> int");
        while (!cursor.at(")")) {
            types.add(parser.starredOrExpression());
            if (!cursor.accept(",")) break;
        }
        cursor.expect(")", "after the types of the parameters");
        cursor.expect("->", "before the type of the result");
        Expr returns = parser.whole();
        boolean elided = types.size() == 1 && types.getFirst() instanceof Expr.EllipsisLiteral;
        return new Signature(elided ? params : annotate(types, params, comment), returns);
    }

    private static List<Param> annotate(List<Expr> types, List<Param> params, SourceRange comment) {
        int untyped = params.size() - types.size();
        boolean skipsSelf = untyped == 1 && params.getFirst().name().equals("self");
        if (untyped != 0 && !skipsSelf) {
            throw new ScriptException("This type comment names " + types.size() + " parameters, but the function has "
                    + params.size(), comment);
        }
        List<Param> typed = new ArrayList<>(params.subList(0, untyped));
        for (int i = 0; i < types.size(); i++) {
            Param p = params.get(i + untyped);
            typed.add(new Param(p.name(), p.kind(), Optional.of(types.get(i)), p.defaultValue(), p.range()));
        }
        return typed;
    }
}
