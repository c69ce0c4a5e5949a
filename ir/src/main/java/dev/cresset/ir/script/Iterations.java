package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What can be iterated: how often, and the element of each turn. */
final class Iterations {
    /** @param at gives the element of turn i; emits into the current block */
    record Iteration(Value length, Function<Value, Term> at) {
        Term element(Value i) { return at.apply(i); }
    }

    private final FunctionCompiler f;

    Iterations(FunctionCompiler f) { this.f = f; }

    /** The elements, if their number is known while compiling: loops over them are unrolled. Else null. */
    List<Term> fixedItems(Term term, SourceRange range) {
        return switch (term) {
            case Term.Sequence(List<Term> items) -> items;
            case Term.Outputs(List<Value> values, _) -> Terms.asTerms(values);
            case Term.Val(Value v) when v.type() instanceof TupleType -> f.terms.parts(term, -1, range);
            case Term.Val(Value v) when v.type() instanceof ClassType c && c.isModule() ->
                f.forms.children(v, c, range);
            case Term.Enumerate(Term of, Value start) -> enumerated(fixedItems(of, range), start, range);
            case Term.Zip(List<Term> parts) -> zipped(parts, range);
            default -> null;
        };
    }

    private List<Term> enumerated(List<Term> items, Value start, SourceRange range) {
        if (items == null) return null;
        List<Term> out = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            Value n = f.emitter.known(start) instanceof Emitter.Known(Long s) ? f.emitter.constant(s + i, range)
                : f.operators.call("aten::add", range, start, f.emitter.constant(i, range));
            out.add(new Term.Sequence(List.of(new Term.Val(n), items.get(i))));
        }
        return out;
    }

    private List<Term> zipped(List<Term> parts, SourceRange range) {
        List<List<Term>> fixed = new ArrayList<>();
        int length = -1;
        for (Term p : parts) {
            List<Term> items = fixedItems(p, range);
            fixed.add(items);
            if (items != null) length = length < 0 ? items.size() : Math.min(length, items.size());
        }
        if (length < 0) return null;
        List<Term> out = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            List<Term> row = new ArrayList<>();
            for (int k = 0; k < parts.size(); k++) {
                row.add(fixed.get(k) != null ? fixed.get(k).get(i)
                    : over(parts.get(k), range).element(f.emitter.constant(i, range)));
            }
            out.add(new Term.Sequence(row));
        }
        return out;
    }

    /** How to iterate in a loop. */
    Iteration over(Term term, SourceRange range) {
        return switch (term) {
            case Term.Range(List<Value> bounds) -> range(bounds, range);
            case Term.Enumerate(Term of, Value start) -> {
                Iteration inner = over(of, range);
                boolean zero = f.emitter.known(start) instanceof Emitter.Known(Long s) && s == 0;
                yield new Iteration(inner.length, i -> new Term.Sequence(List.of(
                    new Term.Val(zero ? i : f.operators.call("aten::add", range, i, start)), inner.element(i))));
            }
            case Term.Zip(List<Term> parts) -> {
                List<Iteration> all = parts.stream().map(p -> over(p, range)).toList();
                Value length = all.getFirst().length;
                if (all.size() > 1) {
                    List<Value> lengths = all.stream().map(Iteration::length).toList();
                    length = f.operators.call("prim::min", range, f.emitter.list(lengths, SimpleType.INT, range));
                }
                yield new Iteration(length, i -> new Term.Sequence(all.stream().map(a -> a.element(i)).toList()));
            }
            default -> overValue(f.terms.value(term, range), range);
        };
    }

    private Iteration range(List<Value> bounds, SourceRange range) {
        if (bounds.size() == 1) return new Iteration(bounds.getFirst(), Term.Val::new);
        Value low = bounds.get(0);
        Value step = bounds.size() > 2 ? bounds.get(2) : f.emitter.constant(1, range);
        Value length = f.operators.call("aten::__range_length", range, low, bounds.get(1), step);
        return new Iteration(length, i -> new Term.Val(f.operators.call("aten::__derive_index", range, i, low, step)));
    }

    private Iteration overValue(Value v, SourceRange range) {
        return switch (v.type()) {
            case ListType _ -> indexed(v, range);
            case SimpleType s when s == SimpleType.STR || s == SimpleType.UNKNOWN -> indexed(v, range);
            case DictType _ -> indexed(f.operators.call("aten::keys", range, v), range);
            case TensorType _ -> new Iteration(f.operators.call("aten::len", range, v),
                i -> new Term.Val(f.operators.call("aten::select", range, v, f.emitter.constant(0, range), i)));
            default -> throw FunctionCompiler.error("'" + v.type().annotation() + "' object is not iterable", range);
        };
    }

    private Iteration indexed(Value v, SourceRange range) {
        return new Iteration(f.operators.call("aten::len", range, v),
            i -> new Term.Val(f.operators.call("aten::__getitem__", range, v, i)));
    }

    // ---- comprehensions

    /** {@code list(range(n))} and the like. */
    Value toList(Term term, SourceRange range) {
        return collect(term, range, null, i -> f.terms.value(i, range));
    }

    Value listComprehension(Expr.ListComp c, Type hint) {
        Type element = hint instanceof ListType l ? l.element() : null;
        return collect(f.expressions.term(c.iter(), null), c.range(), element, item -> {
            f.assignments.assign(c.target(), item);
            return f.expressions.value(c.element(), element);
        });
    }

    private Value collect(Term over, SourceRange range, Type hint, Function<Term, Value> element) {
        List<Term> items = fixedItems(over, range);
        if (items != null) return unrolled(items, range, hint, element);
        Iteration iteration = over(over, range);
        Value[] list = new Value[1];
        List<Node> nodes = f.emitter.collect(new ArrayList<>(), () -> f.loops.emit(iteration.length(),
            f.emitter.constant(true, range), List.of(), i -> {
                Value v = element.apply(iteration.element(i));
                Type type = hint != null ? hint : v.type();
                list[0] = new Value(new ListType(type));
                f.operators.call("aten::append", range, list[0], v);
                return f.emitter.constant(true, range);
            }, range));
        f.emitter.add(Node.prim(Kinds.LIST_CONSTRUCT, List.of(), List.of(list[0]), f.emitter.location(range)));
        nodes.forEach(f.emitter::add);
        return list[0];
    }

    private Value unrolled(List<Term> items, SourceRange range, Type hint, Function<Term, Value> element) {
        List<Value> values = new ArrayList<>();
        Frame frame = new Frame(f.frame, false);
        List<Node> nodes = f.inFrame(frame, new ArrayList<>(), () -> items.forEach(i -> values.add(element.apply(i))));
        nodes.forEach(f.emitter::add);
        Type type = hint != null ? hint : values.isEmpty() ? TensorType.ANY : values.getFirst().type();
        return f.emitter.list(values, type, range);
    }

    Value dictComprehension(Expr.DictComp c, Type hint) {
        Term over = f.expressions.term(c.iter(), null);
        SourceRange range = c.range();
        Value[] dict = new Value[1];
        DictType wanted = hint instanceof DictType d ? d : null;
        Iteration iteration = over(over, range);
        List<Node> nodes = f.emitter.collect(new ArrayList<>(), () -> f.loops.emit(iteration.length(),
            f.emitter.constant(true, range), List.of(), i -> {
                f.assignments.assign(c.target(), iteration.element(i));
                Value key = f.expressions.value(c.key(), wanted == null ? null : wanted.key());
                Value v = f.expressions.value(c.value(), wanted == null ? null : wanted.value());
                dict[0] = new Value(wanted != null ? wanted : new DictType(key.type(), v.type()));
                f.operators.call("aten::_set_item", range, dict[0], key, v);
                return f.emitter.constant(true, range);
            }, range));
        f.emitter.add(new Node(Kinds.DICT_CONSTRUCT, null, Map.of(), List.of(), List.of(dict[0]), List.of(),
            f.emitter.location(range)));
        nodes.forEach(f.emitter::add);
        return dict[0];
    }
}
