package dev.cresset.ir.script;

import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.script.ast.BinaryOp;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.SourceFile;
import dev.cresset.ir.script.ast.Stmt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Parses statements and blocks; functions and classes are left to {@link DefinitionParser}. */
final class StatementParser {
    private static final Map<String, BinaryOp> AUGMENTED = new HashMap<>();

    static {
        for (BinaryOp op : BinaryOp.values()) AUGMENTED.put(op.symbol() + "=", op);
    }

    private final TokenCursor cursor;
    private final ExpressionParser expressions;
    private final DefinitionParser definitions;

    StatementParser(TokenCursor cursor) {
        this.cursor = cursor;
        this.expressions = new ExpressionParser(cursor);
        this.definitions = new DefinitionParser(cursor, expressions, this);
    }

    SourceFile file() {
        List<Stmt> body = new ArrayList<>();
        while (!cursor.at(Token.Kind.END)) statement(body);
        body.removeIf(StatementParser::isVersionLine);
        return new SourceFile(cursor.source(), body);
    }

    /** The oldest archives begin their files so. */
    private static boolean isVersionLine(Stmt s) {
        return s instanceof Stmt.Assign(List<Expr> targets, _, _, _)
                && targets.getFirst() instanceof Expr.Name(String name, _) && name.equals("op_version_set");
    }

    /** A block after a header; at the colon. */
    List<Stmt> suite(String header) {
        cursor.expect(":", "after " + header);
        List<Stmt> body = new ArrayList<>();
        if (!cursor.accept(Token.Kind.NEWLINE)) {
            simpleLine(body);
            return body;
        }
        if (!cursor.accept(Token.Kind.INDENT)) throw cursor.unexpected("an indented block after " + header);
        while (!cursor.accept(Token.Kind.DEDENT)) statement(body);
        return body;
    }

    private void statement(List<Stmt> out) {
        cursor.enter();
        Token token = cursor.peek();
        if (token.kind() == Token.Kind.INDENT) throw cursor.error("Unexpected indentation", token);
        switch (token.kind() == Token.Kind.KEYWORD || token.is("@") ? token.text() : "") {
            case "if" -> out.add(ifStatement());
            case "while" -> out.add(whileStatement());
            case "for" -> out.add(forStatement());
            case "with" -> out.add(withStatement());
            case "def", "class", "@" -> out.add(definitions.definition());
            default -> simpleLine(out);
        }
        cursor.leave();
    }

    private Stmt ifStatement() {
        Token keyword = cursor.next();
        Expr condition = expressions.expression();
        List<Stmt> yes = suite("'" + keyword.text() + "'");
        List<Stmt> no = List.of();
        if (cursor.at("elif")) {
            cursor.enter();
            no = List.of(ifStatement());
            cursor.leave();
        } else if (cursor.accept("else")) {
            no = suite("'else'");
        }
        return new Stmt.If(condition, yes, no, block(keyword, no.isEmpty() ? yes : no));
    }

    private Stmt whileStatement() {
        Token keyword = cursor.next();
        Expr condition = expressions.expression();
        List<Stmt> body = suite("'while'");
        refuseElse();
        return new Stmt.While(condition, body, block(keyword, body));
    }

    private Stmt forStatement() {
        Token keyword = cursor.next();
        Expr target = expressions.loopTarget();
        cursor.expect("in", "after the target of 'for'");
        Expr iter = expressions.expressions();
        List<Stmt> body = suite("'for'");
        refuseElse();
        return new Stmt.For(target, iter, body, block(keyword, body));
    }

    private void refuseElse() {
        if (cursor.at("else")) throw cursor.error("TorchScript loops have no 'else'; use a flag", cursor.peek());
    }

    private Stmt withStatement() {
        Token keyword = cursor.next();
        List<Stmt.With.Item> items = new ArrayList<>();
        do {
            Expr context = expressions.expression();
            Optional<Expr> target = Optional.empty();
            if (cursor.accept("as")) target = Optional.of(expressions.singleTarget());
            items.add(new Stmt.With.Item(context, target));
        } while (cursor.accept(","));
        List<Stmt> body = suite("'with'");
        return new Stmt.With(items, body, block(keyword, body));
    }

    private SourceRange block(Token first, List<Stmt> last) {
        return last.isEmpty() ? cursor.range(first) : cursor.range(first).union(last.getLast().range());
    }

    /** Statements up to the end of the line, with {@code ;} between. */
    private void simpleLine(List<Stmt> out) {
        do {
            simple().ifPresent(out::add);
        } while (cursor.accept(";") && !cursor.at(Token.Kind.NEWLINE));
        if (!cursor.accept(Token.Kind.NEWLINE)) throw cursor.unexpected("the end of the statement");
    }

    /** Empty for an import. */
    private Optional<Stmt> simple() {
        Token token = cursor.peek();
        if (token.kind() != Token.Kind.KEYWORD) return Optional.of(expressionStatement());
        return switch (token.text()) {
            case "return" -> Optional.of(returnStatement());
            case "raise" -> Optional.of(raise());
            case "assert" -> Optional.of(assertion());
            case "del" -> Optional.of(del());
            case "pass" -> Optional.of(new Stmt.Pass(cursor.range(cursor.next())));
            case "break" -> Optional.of(new Stmt.Break(cursor.range(cursor.next())));
            case "continue" -> Optional.of(new Stmt.Continue(cursor.range(cursor.next())));
            case "import", "from" -> {
                while (!cursor.at(Token.Kind.NEWLINE) && !cursor.at(";")) cursor.next();
                yield Optional.empty();
            }
            case "global", "nonlocal" -> throw cursor.error("TorchScript has no " + token.text()
                    + " variables; pass the value as an argument or keep it in an attribute", token);
            case "try", "except", "finally" -> throw cursor.error("TorchScript cannot catch exceptions; there is no '"
                    + token.text() + "'", token);
            default -> Optional.of(expressionStatement());
        };
    }

    private Stmt returnStatement() {
        Token keyword = cursor.next();
        boolean empty = cursor.at(Token.Kind.NEWLINE) || cursor.at(";");
        Optional<Expr> value = empty ? Optional.empty() : Optional.of(expressions.expressions());
        return new Stmt.Return(value, cursor.since(keyword.start()));
    }

    private Stmt raise() {
        Token keyword = cursor.next();
        if (!ExpressionParser.startsExpression(cursor.peek())) {
            throw cursor.error("TorchScript needs an exception after 'raise', as in raise ValueError(\"…\")", keyword);
        }
        Expr value = expressions.expression();
        if (cursor.at("from"))
            throw cursor.error("TorchScript has no 'raise … from'; raise the exception alone", keyword);
        return new Stmt.Raise(value, cursor.since(keyword.start()));
    }

    private Stmt assertion() {
        Token keyword = cursor.next();
        Expr condition = expressions.expression();
        Optional<Expr> message = cursor.accept(",") ? Optional.of(expressions.expression()) : Optional.empty();
        return new Stmt.Assert(condition, message, cursor.since(keyword.start()));
    }

    private Stmt del() {
        Token keyword = cursor.next();
        Expr targets = expressions.checkTarget(expressions.expressions());
        List<Expr> list = targets instanceof Expr.TupleExpr(List<Expr> elements, _) ? elements : List.of(targets);
        return new Stmt.Del(list, cursor.since(keyword.start()));
    }

    private Stmt expressionStatement() {
        Token token = cursor.peek();
        Token after = cursor.peek(1);
        if (token.text().equals("async") && (after.is("def") || after.is("for") || after.is("with"))) {
            throw cursor.error("TorchScript has no 'async'; use torch.jit.fork and torch.jit.wait", token);
        }
        Expr first = expressions.expressions();
        if (cursor.at(":")) return annotated(first);
        if (cursor.at("=")) return assignment(first);
        BinaryOp op = cursor.at(Token.Kind.OPERATOR) ? AUGMENTED.get(cursor.peek().text()) : null;
        if (op == null) return new Stmt.ExprStmt(first, first.range());
        expressions.checkSingleTarget(first);
        cursor.next();
        Expr value = expressions.expressions();
        return new Stmt.AugAssign(first, op, value, first.range().union(value.range()));
    }

    private Stmt annotated(Expr target) {
        expressions.checkSingleTarget(target);
        cursor.next();
        Optional<Expr> type = Optional.of(expressions.expression());
        Optional<Expr> value = cursor.accept("=") ? Optional.of(expressions.expressions()) : Optional.empty();
        if (cursor.at("=")) throw cursor.error("An annotated assignment has one target", cursor.peek());
        return new Stmt.Assign(List.of(target), type, value, cursor.since(target.range().start()));
    }

    private Stmt assignment(Expr first) {
        List<Expr> targets = new ArrayList<>();
        Expr value = first;
        while (cursor.accept("=")) {
            targets.add(expressions.checkTarget(value));
            value = expressions.expressions();
        }
        return new Stmt.Assign(targets, Optional.empty(), Optional.of(value), first.range().union(value.range()));
    }
}
