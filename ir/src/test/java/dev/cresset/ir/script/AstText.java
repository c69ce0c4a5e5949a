package dev.cresset.ir.script;

import dev.cresset.ir.script.ast.ClassDef;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.FunctionDef;
import dev.cresset.ir.script.ast.Param;
import dev.cresset.ir.script.ast.Stmt;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Syntax trees as short texts in prefix form, for tests to compare. */
final class AstText {
    private AstText() {}

    static String of(Expr expr) {
        return switch (expr) {
            case Expr.Name(String name, _) -> name;
            case Expr.IntLiteral(long v, _) -> Long.toString(v);
            case Expr.FloatLiteral(double v, _) -> v + "f";
            case Expr.ComplexLiteral(double v, _) -> v + "j";
            case Expr.StringLiteral(String v, _) -> quote(v);
            case Expr.BoolLiteral(boolean v, _) -> v ? "True" : "False";
            case Expr.NoneLiteral _ -> "None";
            case Expr.EllipsisLiteral _ -> "...";
            case Expr.FormattedString(var parts, _) -> form("fstr", exprs(parts));
            case Expr.TupleExpr(var elements, _) -> form("tuple", exprs(elements));
            case Expr.ListExpr(var elements, _) -> form("list", exprs(elements));
            case Expr.DictExpr(var entries, _) -> form("dict",
                    entries.stream().map(e -> of(e.key()) + ":" + of(e.value())));
            case Expr.ListComp(Expr e, Expr target, Expr iter, _) -> form("listcomp", of(e), of(target), of(iter));
            case Expr.DictComp(Expr k, Expr v, Expr target, Expr iter, _) ->
                    form("dictcomp", of(k), of(v), of(target), of(iter));
            case Expr.Unary(var op, Expr e, _) -> form(op.symbol(), of(e));
            case Expr.Binary(var op, Expr l, Expr r, _) -> form(op.symbol(), of(l), of(r));
            case Expr.Compare(var op, Expr l, Expr r, _) -> form(op.symbol(), of(l), of(r));
            case Expr.ChainedCompare(var operands, var ops, _) -> form("chain",
                    Stream.concat(ops.stream().map(o -> o.symbol()), exprs(operands)));
            case Expr.BoolOp(var kind, Expr l, Expr r, _) ->
                    form(kind == Expr.BoolOp.Kind.AND ? "and" : "or", of(l), of(r));
            case Expr.Not(Expr e, _) -> form("not", of(e));
            case Expr.Ternary(Expr c, Expr y, Expr n, _) -> form("if", of(c), of(y), of(n));
            case Expr.Attribute(Expr v, String name, _) -> form(".", of(v), name);
            case Expr.Call(Expr callee, var args, var kwargs, _) -> form("call", Stream.concat(
                    Stream.concat(Stream.of(of(callee)), exprs(args)),
                            kwargs.stream().map(k -> k.name() + "=" + of(k.value()))));
            case Expr.Subscript(Expr v, var items, _) ->
                    form("[]", Stream.concat(Stream.of(of(v)), items.stream().map(AstText::item)));
            case Expr.Starred(Expr v, _) -> "*" + of(v);
        };
    }

    private static String item(Expr.Subscript.Item item) {
        return switch (item) {
            case Expr.Subscript.Index(Expr v) -> of(v);
            case Expr.Subscript.Slice(var low, var high, var step, _) -> form("slice", opt(low), opt(high), opt(step));
        };
    }

    static String of(Stmt stmt) {
        return switch (stmt) {
            case Stmt.Assign(var targets, var type, var value, _) ->
                    form("assign", Stream.concat(exprs(targets), Stream.of(":" + opt(type), "=" + opt(value))));
            case Stmt.AugAssign(Expr t, var op, Expr v, _) -> form(op.symbol() + "=", of(t), of(v));
            case Stmt.ExprStmt(Expr v, _) -> form("expr", of(v));
            case Stmt.Return(var v, _) -> form("return", opt(v));
            case Stmt.Raise(Expr v, _) -> form("raise", of(v));
            case Stmt.Assert(Expr c, var m, _) -> form("assert", of(c), opt(m));
            case Stmt.Pass _ -> "pass";
            case Stmt.Break _ -> "break";
            case Stmt.Continue _ -> "continue";
            case Stmt.Del(var targets, _) -> form("del", exprs(targets));
            case Stmt.If(Expr c, var yes, var no, _) -> form("if", of(c), of(yes), of(no));
            case Stmt.While(Expr c, var body, _) -> form("while", of(c), of(body));
            case Stmt.For(Expr t, Expr iter, var body, _) -> form("for", of(t), of(iter), of(body));
            case Stmt.With(var items, var body, _) -> form("with", Stream.concat(
                    items.stream().map(i -> of(i.context()) + ">" + opt(i.target())), Stream.of(of(body))));
            case FunctionDef f -> form("def", f.name(), form("params", f.params().stream().map(AstText::param)),
                    opt(f.returnType()), form("decorators", exprs(f.decorators())), of(f.body()));
            case ClassDef c -> form("class", c.name(), form("bases", exprs(c.bases())),
                    form("decorators", exprs(c.decorators())), of(c.body()));
        };
    }

    static String of(List<Stmt> body) {
        return body.stream().map(AstText::of).collect(Collectors.joining(" ", "{", "}"));
    }

    private static String param(Param p) {
        String star = switch (p.kind()) {
            case POSITIONAL -> "";
            case KEYWORD_ONLY -> "kw ";
            case ARGS -> "*";
            case KWARGS -> "**";
        };
        return star + p.name() + ":" + opt(p.annotation()) + "=" + opt(p.defaultValue());
    }

    private static String opt(Optional<Expr> e) { return e.map(AstText::of).orElse("_"); }

    private static Stream<String> exprs(List<Expr> list) { return list.stream().map(AstText::of); }

    private static String form(String head, String... parts) { return form(head, Stream.of(parts)); }

    private static String form(String head, Stream<String> parts) {
        return Stream.concat(Stream.of(head), parts).collect(Collectors.joining(" ", "(", ")"));
    }

    private static String quote(String s) {
        StringBuilder out = new StringBuilder("'");
        for (char c : s.toCharArray()) {
            if (c >= ' ' && c < 127 && c != '\'' && c != '\\') out.append(c);
            else out.append(String.format("\\u%04x", (int) c));
        }
        return out.append("'").toString();
    }
}
