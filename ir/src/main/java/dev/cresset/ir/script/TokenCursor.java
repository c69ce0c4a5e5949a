package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.script.ast.Expr;
import java.util.List;
import java.util.Optional;

/** A place in a list of tokens, shared by the parsers of expressions and of statements; it also bounds nesting. */
final class TokenCursor {
    /** Far above real code; the recursive descent then needs some 600 KB of stack at most, where threads have 1 MB. */
    private static final int MAX_DEPTH = 360;
    /** What a bracketed expression costs of it, with its dozen of calls, compared to a block or a prefix. */
    private static final int EXPRESSION_DEPTH = 3;

    private final Source source;
    private final List<Token> tokens;
    private final List<SourceRange> typeComments;
    private int at;
    private int depth;

    TokenCursor(Source source, Lexer.Tokens lexed, int depth) {
        this.source = source;
        this.tokens = lexed.tokens();
        this.typeComments = lexed.typeComments();
        this.depth = depth;
    }

    Source source() { return source; }

    int depth() { return depth; }

    /** The first type comment that begins in this range of offsets. */
    Optional<SourceRange> typeCommentWithin(int from, int to) {
        int low = 0;
        for (int high = typeComments.size(); low < high; ) {
            int middle = (low + high) >>> 1;
            if (typeComments.get(middle).start() < from) low = middle + 1;
            else high = middle;
        }
        return low < typeComments.size() && typeComments.get(low).start() < to
                ? Optional.of(typeComments.get(low)) : Optional.empty();
    }

    Token peek() { return tokens.get(at); }

    Token peek(int ahead) { return tokens.get(Math.min(at + ahead, tokens.size() - 1)); }

    boolean at(String symbol) { return peek().is(symbol); }

    boolean at(Token.Kind kind) { return peek().kind() == kind; }

    /** Takes a token; the last one stays. */
    Token next() {
        Token token = peek();
        if (at < tokens.size() - 1) at++;
        return token;
    }

    boolean accept(String symbol) {
        if (!at(symbol)) return false;
        next();
        return true;
    }

    boolean accept(Token.Kind kind) {
        if (!at(kind)) return false;
        next();
        return true;
    }

    /** @param where completes the sentence "expected ':' …" */
    Token expect(String symbol, String where) {
        if (!at(symbol)) throw unexpected("'" + symbol + "' " + where);
        return next();
    }

    Token expectName(String what) {
        if (!at(Token.Kind.NAME)) throw unexpected(what);
        return next();
    }

    /** From an offset to the end of the token taken last. */
    SourceRange since(int start) {
        return new SourceRange(source, start, Math.max(start, at == 0 ? start : tokens.get(at - 1).end()));
    }

    SourceRange range(Token token) { return new SourceRange(source, token.start(), token.end()); }

    /** From here on one level deeper; the caller leaves again. */
    void enter() { deepen(1); }

    void leave() { depth--; }

    void enterExpression() { deepen(EXPRESSION_DEPTH); }

    void leaveExpression() { depth -= EXPRESSION_DEPTH; }

    private void deepen(int levels) {
        depth += levels;
        if (depth > MAX_DEPTH) {
            throw error("The code is nested more than " + MAX_DEPTH / EXPRESSION_DEPTH + " expressions or " + MAX_DEPTH
                    + " blocks deep here; split it into smaller functions or statements", peek());
        }
    }

    ScriptException unexpected(String expected) {
        return error("Expected " + expected + " but found " + peek().describe(), peek());
    }

    ScriptException error(String reason, Token where) { return new ScriptException(reason, range(where)); }

    ScriptException error(String reason, Expr where) { return new ScriptException(reason, where.range()); }
}
