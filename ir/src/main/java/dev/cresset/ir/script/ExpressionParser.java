package dev.cresset.ir.script;

import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.script.ast.BinaryOp;
import dev.cresset.ir.script.ast.CompareOp;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.UnaryOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Parses expressions: one method per level of precedence, loops where operators associate to the left. */
final class ExpressionParser {
    private static final Map<String, BinaryOp> INFIX = new HashMap<>();
    private static final Map<String, CompareOp> COMPARE = new HashMap<>();
    private static final Map<String, UnaryOp> PREFIX = new HashMap<>();
    private static final Set<String> STARTS = Set.of("(", "[", "{", "-", "~", "+", "not", "True", "False", "None",
            "...",
            "*", "lambda", "yield");
    private static final Set<String> BINDS_TIGHTER_THAN_MINUS = Set.of("**", ".", "(", "[");

    static {
        for (BinaryOp op : BinaryOp.values()) if (op != BinaryOp.POWER) INFIX.put(op.symbol(), op);
        for (CompareOp op : CompareOp.values()) COMPARE.put(op.symbol(), op);
        for (UnaryOp op : UnaryOp.values()) PREFIX.put(op.symbol(), op);
    }

    private final TokenCursor cursor;
    private final AtomParser atoms;

    ExpressionParser(TokenCursor cursor) {
        this.cursor = cursor;
        this.atoms = new AtomParser(cursor, this);
    }

    /** One expression that is the whole text. */
    Expr whole() {
        Expr e = expressions();
        if (!cursor.at(Token.Kind.END)) throw cursor.unexpected("the end of the expression");
        return e;
    }

    /** One expression, or several with commas between: a tuple. */
    Expr expressions() {
        Expr first = starredOrExpression();
        if (!cursor.at(",")) {
            if (!(first instanceof Expr.Starred)) return first;
            throw cursor.error("A starred expression needs a comma after it to be part of a tuple", first);
        }
        List<Expr> elements = moreElements(first);
        return new Expr.TupleExpr(elements, cursor.since(first.range().start()));
    }

    Expr expression() {
        cursor.enterExpression();
        Expr value = or();
        if (cursor.at("if")) value = ternary(value);
        cursor.leaveExpression();
        return value;
    }

    /** What {@code for} assigns to; stops before {@code in}. */
    Expr loopTarget() {
        Expr first = starredOrPostfix();
        if (!cursor.at(",")) return checkTarget(first);
        List<Expr> elements = new ArrayList<>(List.of(first));
        while (cursor.accept(",") && !cursor.at("in")) elements.add(starredOrPostfix());
        return checkTarget(new Expr.TupleExpr(elements, cursor.since(first.range().start())));
    }

    /** Whether the expression can be assigned to, for a sentence if not. */
    Expr checkTarget(Expr e) {
        switch (e) {
            case Expr.Name _, Expr.Attribute _, Expr.Subscript _ -> { }
            case Expr.Starred(Expr value, _) -> checkTarget(value);
            case Expr.TupleExpr(List<Expr> elements, _) -> elements.forEach(this::checkTarget);
            case Expr.ListExpr(List<Expr> elements, _) -> elements.forEach(this::checkTarget);
            default -> throw cursor.error("This cannot be assigned to; a target is a variable, an attribute, an "
                    + "element, or a tuple of these", e);
        }
        return e;
    }

    /** As {@link #checkTarget}, where unpacking is not possible. */
    void checkSingleTarget(Expr e) {
        if (e instanceof Expr.TupleExpr || e instanceof Expr.ListExpr || e instanceof Expr.Starred) {
            throw cursor.error("Only one variable, attribute or element can stand here, not several", e);
        }
        checkTarget(e);
    }

    /** What {@code with … as} assigns to. */
    Expr singleTarget() { return checkTarget(postfix()); }

    private Expr starredOrPostfix() {
        Token star = cursor.peek();
        if (!cursor.accept("*")) return postfix();
        Expr value = postfix();
        return new Expr.Starred(value, cursor.since(star.start()));
    }

    Expr starredOrExpression() {
        Token star = cursor.peek();
        if (!cursor.accept("*")) return expression();
        Expr value = expression();
        return new Expr.Starred(value, cursor.since(star.start()));
    }

    /** After the first element; stops where no further expression begins. */
    List<Expr> moreElements(Expr first) {
        List<Expr> elements = new ArrayList<>(List.of(first));
        while (cursor.accept(",") && startsExpression(cursor.peek())) elements.add(starredOrExpression());
        return elements;
    }

    static boolean startsExpression(Token token) {
        return switch (token.kind()) {
            case NAME, NUMBER, STRING -> true;
            case KEYWORD, OPERATOR -> STARTS.contains(token.text());
            case NEWLINE, INDENT, DEDENT, END -> false;
        };
    }

    /** What a comprehension iterates over: an {@code if} after it belongs to the comprehension. */
    Expr withoutTernary() {
        cursor.enterExpression();
        Expr value = or();
        cursor.leaveExpression();
        return value;
    }

    private Expr ternary(Expr yes) {
        cursor.expect("if", "of the conditional expression");
        Expr condition = or();
        cursor.expect("else", "of the conditional expression");
        Expr no = expression();
        return new Expr.Ternary(condition, yes, no, yes.range().union(no.range()));
    }

    private Expr or() {
        Expr left = and();
        while (cursor.accept("or")) {
            Expr right = and();
            left = new Expr.BoolOp(Expr.BoolOp.Kind.OR, left, right, left.range().union(right.range()));
        }
        return left;
    }

    private Expr and() {
        Expr left = not();
        while (cursor.accept("and")) {
            Expr right = not();
            left = new Expr.BoolOp(Expr.BoolOp.Kind.AND, left, right, left.range().union(right.range()));
        }
        return left;
    }

    private Expr not() {
        Token not = cursor.peek();
        if (!cursor.accept("not")) return comparison();
        cursor.enter();
        Expr operand = not();
        cursor.leave();
        return new Expr.Not(operand, operand.range().union(cursor.range(not)));
    }

    private Expr comparison() {
        Expr first = infix(0);
        CompareOp op = compareOp();
        if (op == null) return first;
        List<Expr> operands = new ArrayList<>(List.of(first));
        List<CompareOp> ops = new ArrayList<>();
        for (; op != null; op = compareOp()) {
            ops.add(op);
            operands.add(infix(0));
        }
        SourceRange range = first.range().union(operands.getLast().range());
        return ops.size() == 1 ? new Expr.Compare(ops.getFirst(), first, operands.getLast(), range)
                : new Expr.ChainedCompare(operands, ops, range);
    }

    private CompareOp compareOp() {
        if (cursor.at("not") && cursor.peek(1).is("in")) {
            cursor.next();
            cursor.next();
            return CompareOp.NOT_IN;
        }
        Token token = cursor.peek();
        CompareOp op = token.kind() == Token.Kind.OPERATOR || token.is("in") || token.is("is")
                ? COMPARE.get(token.text()) : null;
        if (op == null) return null;
        cursor.next();
        return op == CompareOp.IS && cursor.accept("not") ? CompareOp.IS_NOT : op;
    }

    private Expr infix(int above) {
        Expr left = prefix();
        while (true) {
            BinaryOp op = cursor.at(Token.Kind.OPERATOR) ? INFIX.get(cursor.peek().text()) : null;
            if (op == null || op.precedence() <= above) return left;
            cursor.next();
            cursor.enter();
            Expr right = infix(op.precedence());
            cursor.leave();
            left = new Expr.Binary(op, left, right, left.range().union(right.range()));
        }
    }

    private Expr prefix() {
        Token token = cursor.peek();
        UnaryOp op = token.kind() == Token.Kind.OPERATOR ? PREFIX.get(token.text()) : null;
        if (op == null) return power();
        cursor.next();
        Token after = cursor.peek(1);
        boolean alone = after.kind() != Token.Kind.OPERATOR || !BINDS_TIGHTER_THAN_MINUS.contains(after.text());
        if (op == UnaryOp.NEGATE && cursor.at(Token.Kind.NUMBER) && alone) {
            Token number = cursor.next();
            return NumberLiterals.parse(number.text(), true, cursor.since(token.start()));
        }
        cursor.enter();
        Expr operand = prefix();
        cursor.leave();
        return new Expr.Unary(op, operand, operand.range().union(cursor.range(token)));
    }

    private Expr power() {
        Expr base = postfix();
        if (!cursor.accept("**")) return base;
        cursor.enter();
        Expr exponent = prefix();
        cursor.leave();
        return new Expr.Binary(BinaryOp.POWER, base, exponent, base.range().union(exponent.range()));
    }

    private Expr postfix() {
        Expr value = atoms.atom();
        while (true) {
            int start = value.range().start();
            if (cursor.accept(".")) {
                Token name = cursor.next();
                if (name.kind() != Token.Kind.NAME && name.kind() != Token.Kind.KEYWORD) {
                    throw cursor.error("Expected the name of an attribute after '.' but found " + name.describe(),
                            name);
                }
                value = new Expr.Attribute(value, name.text(), cursor.since(start));
            } else if (cursor.at("(")) {
                value = call(value);
            } else if (cursor.at("[")) {
                value = subscript(value);
            } else {
                return value;
            }
        }
    }

    private Expr call(Expr callee) {
        cursor.expect("(", "before arguments");
        List<Expr> args = new ArrayList<>();
        List<Expr.Call.Keyword> kwargs = new ArrayList<>();
        while (!cursor.at(")")) {
            Token first = cursor.peek();
            if (first.is("**")) throw cursor.error("TorchScript calls have no ** arguments; pass each by name", first);
            if (first.kind() == Token.Kind.NAME && cursor.peek(1).is("=")) {
                cursor.next();
                cursor.next();
                Expr value = expression();
                kwargs.add(new Expr.Call.Keyword(first.text(), value, cursor.since(first.start())));
            } else {
                Expr arg = starredOrExpression();
                if (!kwargs.isEmpty())
                    throw cursor.error("A positional argument must not follow one given by name", arg);
                args.add(cursor.at("for") ? atoms.listComp(arg, first.start()) : arg);
            }
            if (!cursor.accept(",")) break;
        }
        cursor.expect(")", "after the arguments");
        return new Expr.Call(callee, args, kwargs, cursor.since(callee.range().start()));
    }

    private Expr subscript(Expr value) {
        cursor.expect("[", "before a subscript");
        List<Expr.Subscript.Item> items = new ArrayList<>();
        do items.add(item()); while (cursor.accept(",") && !cursor.at("]"));
        cursor.expect("]", "after the subscript");
        return new Expr.Subscript(value, items, cursor.since(value.range().start()));
    }

    private Expr.Subscript.Item item() {
        int start = cursor.peek().start();
        Optional<Expr> low = bound();
        if (low.isPresent() && !cursor.at(":")) return new Expr.Subscript.Index(low.get());
        cursor.expect(":", "or an index");
        Optional<Expr> high = bound();
        Optional<Expr> step = cursor.accept(":") ? bound() : Optional.empty();
        return new Expr.Subscript.Slice(low, high, step, cursor.since(start));
    }

    private Optional<Expr> bound() {
        return cursor.at(":") || cursor.at(",") || cursor.at("]") ? Optional.empty() : Optional.of(expression());
    }
}
