package dev.cresset.ir.script.ast;

import dev.cresset.ir.graph.SourceRange;
import java.util.List;
import java.util.Optional;

/**
 * An expression of TorchScript, as written; types in annotations are expressions too. Parentheses leave no trace: a
 * range covers the operands, not parentheses around the whole.
 *
 * <p>Nesting is bounded by the parser except along the left edge ({@code a + b + c}, {@code a.b.c}, {@code f(x)(y)},
 * {@code a and b and c}), where it may be thousands deep: walk those in a loop, not by recursion.
 */
public sealed interface Expr {
    SourceRange range();

    record Name(String name, SourceRange range) implements Expr {}

    record IntLiteral(long value, SourceRange range) implements Expr {}

    record FloatLiteral(double value, SourceRange range) implements Expr {}

    /** {@code 2.j}; {@code 1.+2.j} is a {@link Binary} of a float and this. */
    record ComplexLiteral(double imaginary, SourceRange range) implements Expr {}

    /** Adjacent literals already joined, escapes already decoded. */
    record StringLiteral(String value, SourceRange range) implements Expr {}

    record BoolLiteral(boolean value, SourceRange range) implements Expr {}

    record NoneLiteral(SourceRange range) implements Expr {}

    record EllipsisLiteral(SourceRange range) implements Expr {}

    /** An f-string; its fixed texts are {@link StringLiteral} parts, every other part is formatted as by {@code {}}. */
    record FormattedString(List<Expr> parts, SourceRange range) implements Expr {
        public FormattedString { parts = List.copyOf(parts); }
    }

    record TupleExpr(List<Expr> elements, SourceRange range) implements Expr {
        public TupleExpr { elements = List.copyOf(elements); }
    }

    record ListExpr(List<Expr> elements, SourceRange range) implements Expr {
        public ListExpr { elements = List.copyOf(elements); }
    }

    record DictExpr(List<Entry> entries, SourceRange range) implements Expr {
        /** One {@code key: value}. */
        public record Entry(Expr key, Expr value) {}

        public DictExpr { entries = List.copyOf(entries); }
    }

    /** {@code [element for target in iter]}; a generator expression, {@code any(f(x) for x in xs)}, is read as one. */
    record ListComp(Expr element, Expr target, Expr iter, SourceRange range) implements Expr {}

    /** {@code {key: value for target in iter}}. */
    record DictComp(Expr key, Expr value, Expr target, Expr iter, SourceRange range) implements Expr {}

    /** A minus before a number literal is part of the literal instead. */
    record Unary(UnaryOp op, Expr operand, SourceRange range) implements Expr {}

    record Binary(BinaryOp op, Expr left, Expr right, SourceRange range) implements Expr {}

    record Compare(CompareOp op, Expr left, Expr right, SourceRange range) implements Expr {}

    /** {@code a < b <= c}: {@code ops.get(i)} stands between operands i and i+1; each operand is evaluated once. */
    record ChainedCompare(List<Expr> operands, List<CompareOp> ops, SourceRange range) implements Expr {
        public ChainedCompare {
            operands = List.copyOf(operands);
            ops = List.copyOf(ops);
        }
    }

    /** {@code and} or {@code or}, left-associative. */
    record BoolOp(Kind kind, Expr left, Expr right, SourceRange range) implements Expr {
        public enum Kind { AND, OR }
    }

    record Not(Expr operand, SourceRange range) implements Expr {}

    /** {@code yes if condition else no}. */
    record Ternary(Expr condition, Expr yes, Expr no, SourceRange range) implements Expr {}

    record Attribute(Expr value, String name, SourceRange range) implements Expr {}

    /**
     * @param args   positional arguments in order; some may be {@link Starred}
     * @param range  the whole call; messages of PyTorch mark only {@code callee.range()}
     */
    record Call(Expr callee, List<Expr> args, List<Keyword> kwargs, SourceRange range) implements Expr {
        /** {@code name=value}; the range starts at the name. */
        public record Keyword(String name, Expr value, SourceRange range) {}

        public Call {
            args = List.copyOf(args);
            kwargs = List.copyOf(kwargs);
        }
    }

    /** {@code value[items]}; {@code x[(a, b)]} has one item, {@code x[a, b]} two, {@code Tuple[()]} one empty tuple. */
    record Subscript(Expr value, List<Item> items, SourceRange range) implements Expr {
        /** One part of a subscript. */
        public sealed interface Item {
            SourceRange range();
        }

        public record Index(Expr value) implements Item {
            @Override public SourceRange range() { return value.range(); }
        }

        public record Slice(Optional<Expr> low, Optional<Expr> high, Optional<Expr> step, SourceRange range)
                implements Item {}

        public Subscript { items = List.copyOf(items); }
    }

    /** {@code *value} in a call, a tuple or list, or a target. */
    record Starred(Expr value, SourceRange range) implements Expr {}
}
