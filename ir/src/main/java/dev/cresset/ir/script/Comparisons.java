package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.script.ast.CompareOp;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.type.TupleType;
import java.util.ArrayList;
import java.util.List;

/** Compiles comparisons, also chained ones and those of tuples. */
final class Comparisons {
    private final FunctionCompiler f;

    Comparisons(FunctionCompiler f) { this.f = f; }

    Value compare(Expr.Compare c) {
        if (c.op() == CompareOp.IS || c.op() == CompareOp.IS_NOT) return f.conditions.compile(c).value();
        return compare(c.op(), f.expressions.value(c.left()), f.expressions.value(c.right()), c.range());
    }

    private Value compare(CompareOp op, Value a, Value b, SourceRange range) {
        String magicName = magicName(op);
        boolean contains = op == CompareOp.IN || op == CompareOp.NOT_IN;
        Term magic = contains ? f.expressions.magic(b, magicName, List.of(a), range)
            : f.expressions.magic(a, magicName, List.of(b), range);
        if (magic != null) {
            Value v = f.terms.value(magic, range);
            return op == CompareOp.NOT_IN ? f.operators.call("aten::__not__", range, v) : v;
        }
        if (a.type() instanceof TupleType s && b.type() instanceof TupleType t
            && (op == CompareOp.EQUAL || op == CompareOp.NOT_EQUAL)
            && f.unit.operators().overloads("aten::eq").stream().noneMatch(o ->
            o.schema().overload().equals("tuple"))) {
            return compareTuples(op, a, s, b, t, range);
        }
        return switch (op) {
            case EQUAL -> f.operators.call("aten::eq", range, a, b);
            case NOT_EQUAL -> f.operators.call("aten::ne", range, a, b);
            case LESS -> f.operators.call("aten::lt", range, a, b);
            case LESS_EQUAL -> f.operators.call("aten::le", range, a, b);
            case GREATER -> f.operators.call("aten::gt", range, a, b);
            case GREATER_EQUAL -> f.operators.call("aten::ge", range, a, b);
            case IN -> f.operators.call("aten::__contains__", range, b, a);
            case NOT_IN -> f.operators.call("aten::__not__", range,
                f.operators.call("aten::__contains__", range, b, a));
            case IS -> f.operators.call("aten::__is__", range, a, b);
            case IS_NOT -> f.operators.call("aten::__isnot__", range, a, b);
        };
    }

    private Value compareTuples(CompareOp op, Value a, TupleType s, Value b, TupleType t, SourceRange range) {
        boolean equal = op == CompareOp.EQUAL;
        if (s.elements().size() != t.elements().size()) return f.emitter.constant(!equal, range);
        List<Value> left = f.emitter.unpack(Kinds.TUPLE_UNPACK, a, s.elements(), range);
        List<Value> right = f.emitter.unpack(Kinds.TUPLE_UNPACK, b, t.elements(), range);
        Value all = f.emitter.constant(true, range);
        for (int i = 0; i < left.size(); i++) {
            Value one = f.conditions.toBool(compare(CompareOp.EQUAL, left.get(i), right.get(i), range), range);
            all = i == 0 ? one : f.operators.call("aten::__and__", range, all, one);
        }
        return equal ? all : f.operators.call("aten::__not__", range, all);
    }

    Value chained(Expr.ChainedCompare c) {
        return chained(c, 0, f.expressions.value(c.operands().getFirst()));
    }

    private Value chained(Expr.ChainedCompare c, int at, Value left) {
        Value right = f.expressions.value(c.operands().get(at + 1));
        Value first = compare(c.ops().get(at), left, right, c.range());
        if (at + 1 == c.ops().size()) return first;
        Value condition = f.conditions.toBool(first, c.range());
        Value[] rest = new Value[1];
        List<Node> nodes = f.inFrame(new Frame(f.frame, true), new ArrayList<>(), () ->
            rest[0] = f.conditions.toBool(chained(c, at + 1, right), c.range()));
        return f.merges.emitIf(condition, nodes, List.of(rest[0]), List.of(),
            List.of(f.emitter.constant(false, c.range())),
            c.range()).getFirst();
    }

    private static String magicName(CompareOp op) {
        return switch (op) {
            case EQUAL -> "__eq__";
            case NOT_EQUAL -> "__ne__";
            case LESS -> "__lt__";
            case LESS_EQUAL -> "__le__";
            case GREATER -> "__gt__";
            case GREATER_EQUAL -> "__ge__";
            case IN, NOT_IN -> "__contains__";
            case IS, IS_NOT -> "";
        };
    }
}
