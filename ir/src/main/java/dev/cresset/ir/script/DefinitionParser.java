package dev.cresset.ir.script;

import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.script.ast.ClassDef;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.FunctionDef;
import dev.cresset.ir.script.ast.Param;
import dev.cresset.ir.script.ast.Stmt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parses functions and classes. */
final class DefinitionParser {
    private final TokenCursor cursor;
    private final ExpressionParser expressions;
    private final StatementParser statements;

    DefinitionParser(TokenCursor cursor, ExpressionParser expressions, StatementParser statements) {
        this.cursor = cursor;
        this.expressions = expressions;
        this.statements = statements;
    }

    /** At {@code def}, {@code class}, or the first decorator of one. */
    Stmt definition() {
        List<Expr> decorators = new ArrayList<>();
        while (cursor.accept("@")) {
            decorators.add(expressions.expression());
            if (!cursor.accept(Token.Kind.NEWLINE)) throw cursor.unexpected("the end of the line after a decorator");
        }
        if (cursor.at("class")) return classDef(decorators);
        if (cursor.at("def")) return functionDef(decorators);
        throw cursor.unexpected("'def' or 'class' after a decorator");
    }

    private Stmt classDef(List<Expr> decorators) {
        Token keyword = cursor.next();
        String name = cursor.expectName("the name of the class").text();
        List<Expr> bases = new ArrayList<>();
        if (cursor.accept("(")) {
            while (!cursor.at(")")) {
                bases.add(expressions.expression());
                if (!cursor.accept(",")) break;
            }
            cursor.expect(")", "after the bases of class " + name);
        }
        SourceRange header = cursor.since(keyword.start());
        boolean bodiless = cursor.at(":") && cursor.peek(1).kind() == Token.Kind.NEWLINE
                && cursor.peek(2).kind() != Token.Kind.INDENT;
        if (bodiless) {     // a class without attributes and methods may be stored so
            cursor.next();
            cursor.next();
            return new ClassDef(name, bases, List.of(), decorators, header, header);
        }
        List<Stmt> body = statements.suite("class " + name);
        return new ClassDef(name, bases, body, decorators, header, over(header, body));
    }

    private static SourceRange over(SourceRange header, List<Stmt> body) {
        return body.isEmpty() ? header : header.union(body.getLast().range());
    }

    private Stmt functionDef(List<Expr> decorators) {
        Token keyword = cursor.next();
        String name = cursor.expectName("the name of the function").text();
        cursor.expect("(", "before the parameters of " + name);
        List<Param> params = params();
        cursor.expect(")", "after the parameters of " + name);
        Optional<Expr> returns = cursor.accept("->") ? Optional.of(expressions.expression()) : Optional.empty();
        SourceRange header = cursor.since(keyword.start());
        Optional<TypeComment.Signature> comment = cursor.at(":") ? signatureComment(params) : Optional.empty();
        if (comment.isPresent()) {
            params = comment.get().params();
            returns = Optional.of(comment.get().returns());
        }
        List<Stmt> body = statements.suite("the header of " + name);
        return new FunctionDef(name, params, returns, body, decorators, header, over(header, body));
    }

    /** The first type comment between the colon, which is next, and the body. */
    private Optional<TypeComment.Signature> signatureComment(List<Param> params) {
        int colon = cursor.peek().start();
        int body = cursor.peek(1).kind() == Token.Kind.NEWLINE ? cursor.peek(2).start() : cursor.peek(1).start();
        Optional<SourceRange> comment = cursor.typeCommentWithin(colon, body);
        return comment.map(c -> TypeComment.signature(cursor, c, params));
    }

    private List<Param> params() {
        List<Param> params = new ArrayList<>();
        Param.Kind kind = Param.Kind.POSITIONAL;
        while (!cursor.at(")")) {
            if (cursor.at("*") && (cursor.peek(1).is(",") || cursor.peek(1).is(")"))) {
                Token star = cursor.next();
                if (kind != Param.Kind.POSITIONAL) throw cursor.error("A function has at most one '*'", star);
                kind = Param.Kind.KEYWORD_ONLY;
            } else {
                Param param = param(kind);
                if (param.kind() == Param.Kind.ARGS) kind = Param.Kind.KEYWORD_ONLY;
                params.add(param);
            }
            if (!cursor.accept(",")) break;
            commentedType(params);
        }
        return params;
    }

    private Param param(Param.Kind kind) {
        int start = cursor.peek().start();
        if (cursor.at("/"))
            throw cursor.error("TorchScript has no positional-only parameters; leave '/' out", cursor.peek());
        Param.Kind actual = cursor.accept("*") ? Param.Kind.ARGS : cursor.accept("**") ? Param.Kind.KWARGS : kind;
        String name = cursor.expectName("the name of a parameter").text();
        Optional<Expr> type = cursor.accept(":") ? Optional.of(expressions.expression()) : Optional.empty();
        Optional<Expr> value = cursor.accept("=") ? Optional.of(expressions.expression()) : Optional.empty();
        return new Param(name, actual, type, value, cursor.since(start));
    }

    /** {@code x,  # type: int}: the type of the last parameter may stand after its comma. */
    private void commentedType(List<Param> params) {
        if (params.isEmpty() || params.getLast().annotation().isPresent()) return;
        Param last = params.getLast();
        Optional<SourceRange> comment = cursor.typeCommentWithin(last.range().end(), cursor.peek().start());
        if (comment.isEmpty()) return;
        Expr type = TypeComment.type(cursor, comment.get());
        params.set(params.size() - 1,
                new Param(last.name(), last.kind(), Optional.of(type), last.defaultValue(), last.range()));
    }
}
