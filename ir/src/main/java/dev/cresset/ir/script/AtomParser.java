package dev.cresset.ir.script;

import dev.cresset.ir.script.ast.Expr;
import java.util.ArrayList;
import java.util.List;

/** Parses what operators are applied to: names, literals, and everything in brackets. */
final class AtomParser {
    private final TokenCursor cursor;
    private final ExpressionParser expressions;

    AtomParser(TokenCursor cursor, ExpressionParser expressions) {
        this.cursor = cursor;
        this.expressions = expressions;
    }

    Expr atom() {
        Token token = cursor.peek();
        return switch (token.kind()) {
            case NAME -> name(cursor.next());
            case NUMBER -> NumberLiterals.parse(cursor.next().text(), false, cursor.range(token));
            case STRING -> StringLiterals.parse(cursor);
            case KEYWORD -> keyword(token);
            case OPERATOR -> switch (token.text()) {
                case "(" -> parenthesised();
                case "[" -> list();
                case "{" -> dict();
                case "..." -> new Expr.EllipsisLiteral(cursor.range(cursor.next()));
                default -> throw cursor.unexpected("an expression");
            };
            case NEWLINE, INDENT, DEDENT, END -> throw cursor.unexpected("an expression");
        };
    }

    private Expr name(Token token) {
        return token.text().equals("Ellipsis") ? new Expr.EllipsisLiteral(cursor.range(token))
                : new Expr.Name(token.text(), cursor.range(token));
    }

    private Expr keyword(Token token) {
        switch (token.text()) {
            case "lambda" -> throw cursor.error("TorchScript has no lambda; define a function with def", token);
            case "yield" -> throw cursor.error("TorchScript has no generators; collect the values in a list", token);
            case "True", "False", "None" -> cursor.next();
            default -> throw cursor.unexpected("an expression");
        }
        return token.text().equals("None") ? new Expr.NoneLiteral(cursor.range(token))
                : new Expr.BoolLiteral(token.text().equals("True"), cursor.range(token));
    }

    private Expr parenthesised() {
        Token open = cursor.next();
        int start = open.start();
        if (cursor.accept(")")) return new Expr.TupleExpr(List.of(), cursor.since(start));
        Expr inner = expressions.starredOrExpression();
        if (cursor.at("for")) {
            inner = listComp(inner, start);
        } else if (cursor.at(",")) {
            List<Expr> elements = expressions.moreElements(inner);
            cursor.expect(")", "or ',' in the tuple");
            return new Expr.TupleExpr(elements, cursor.since(start));
        } else if (inner instanceof Expr.Starred) {
            throw cursor.error("A starred expression needs a comma after it to be part of a tuple", inner);
        }
        cursor.expect(")", "to close the parenthesis");
        return inner;
    }

    private Expr list() {
        int start = cursor.next().start();
        if (cursor.accept("]")) return new Expr.ListExpr(List.of(), cursor.since(start));
        Expr first = expressions.starredOrExpression();
        if (cursor.at("for")) {
            Expr.ListComp comp = listComp(first, start);
            cursor.expect("]", "to close the list comprehension");
            return new Expr.ListComp(comp.element(), comp.target(), comp.iter(), cursor.since(start));
        }
        List<Expr> elements = expressions.moreElements(first);
        cursor.expect("]", "or ',' in the list");
        return new Expr.ListExpr(elements, cursor.since(start));
    }

    private Expr dict() {
        int start = cursor.next().start();
        List<Expr.DictExpr.Entry> entries = new ArrayList<>();
        while (!cursor.at("}")) {
            if (cursor.at("**"))
                throw cursor.error("TorchScript dicts cannot be built with **; use update", cursor.peek());
            Expr key = expressions.expression();
            if (cursor.at(",") || cursor.at("}") || cursor.at("for")) {
                throw cursor.error("TorchScript has no sets; use a dict or a list", cursor.peek());
            }
            cursor.expect(":", "after the key of a dict");
            Expr value = expressions.expression();
            if (entries.isEmpty() && cursor.at("for")) return dictComp(key, value, start);
            entries.add(new Expr.DictExpr.Entry(key, value));
            if (!cursor.accept(",")) break;
        }
        cursor.expect("}", "or ',' in the dict");
        return new Expr.DictExpr(entries, cursor.since(start));
    }

    private Expr dictComp(Expr key, Expr value, int start) {
        Clause clause = clause();
        cursor.expect("}", "to close the dict comprehension");
        return new Expr.DictComp(key, value, clause.target(), clause.iter(), cursor.since(start));
    }

    /** At {@code for}, after the element; the bracket around is the caller's. */
    Expr.ListComp listComp(Expr element, int start) {
        if (element instanceof Expr.Starred) throw cursor.error("A comprehension cannot unpack its element", element);
        Clause clause = clause();
        return new Expr.ListComp(element, clause.target(), clause.iter(), cursor.since(start));
    }

    private record Clause(Expr target, Expr iter) {}

    private Clause clause() {
        cursor.expect("for", "of the comprehension");
        Expr target = expressions.loopTarget();
        cursor.expect("in", "after the target of the comprehension");
        Expr iter = expressions.withoutTernary();
        if (cursor.at("if")) {
            throw cursor.error("TorchScript comprehensions have no 'if'; use a loop with append", cursor.peek());
        }
        if (cursor.at("for")) {
            throw cursor.error("TorchScript comprehensions have one 'for'; nest comprehensions or use loops",
                    cursor.peek());
        }
        return new Clause(target, iter);
    }
}
