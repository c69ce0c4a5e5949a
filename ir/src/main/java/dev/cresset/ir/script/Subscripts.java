package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.Expr.Subscript.Index;
import dev.cresset.ir.script.ast.Expr.Subscript.Item;
import dev.cresset.ir.script.ast.Expr.Subscript.Slice;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Compiles {@code x[…]}: reading, writing and deleting elements, slices and tensor views. */
final class Subscripts {
    private final FunctionCompiler f;

    Subscripts(FunctionCompiler f) { this.f = f; }

    Term load(Term of, Expr.Subscript s) {
        SourceRange range = s.range();
        if (of instanceof Term.Sequence(List<Term> items)) return items.get(fixedIndex(s, items.size()));
        Value v = f.terms.value(of, range);
        if (v.type() instanceof TensorType) {
            View view = view(v, s);
            return new Term.Val(view.indices.isEmpty() ? view.value
                : f.operators.call("aten::index", range, view.value, indexList(view, range)));
        }
        if (s.items().size() != 1) {
            if (v.type() == SimpleType.UNKNOWN) return new Term.Val(unresolved(v, range));
            throw FunctionCompiler.error("only tensors take several subscripts, this is '" + v.type().annotation()
                + "'", range);
        }
        return switch (s.items().getFirst()) {
            case Slice slice -> new Term.Val(slice(v, slice));
            case Index(Expr index) -> element(v, index, range);
        };
    }

    private Value unresolved(Value v, SourceRange range) {
        return f.emitter.prim(Kinds.UNRESOLVED,
            Map.of("name", "subscript", "reason", "the type of what is indexed is not known"),
            List.of(v), SimpleType.UNKNOWN, range);
    }

    private Term element(Value v, Expr index, SourceRange range) {
        if (v.type() instanceof TupleType t) return new Term.Val(tupleElement(v, t, index, range));
        if (v.type() instanceof ClassType c) {
            if (c.method("__getitem__").isPresent()) {
                return f.calls.method(v, "__getitem__", List.of(f.expressions.value(index)), Map.of(), range);
            }
            if (c.isModule()) return f.forms.child(v, c, index, range);
        }
        return f.operators.call(new Operators.Call("aten::__getitem__", null, List.of(v, f.expressions.value(index)),
            Map.of(), range));
    }

    private int fixedIndex(Expr.Subscript s, int size) {
        if (s.items().size() == 1 && s.items().getFirst() instanceof Index(Expr e)
            && f.emitter.known(f.expressions.value(e)) instanceof Emitter.Known(Long i) && i >= -size && i < size) {
            return (int) (i < 0 ? i + size : i);
        }
        throw FunctionCompiler.error("the index must be a constant within -" + size + " and " + (size - 1), s.range());
    }

    private Value tupleElement(Value tuple, TupleType type, Expr index, SourceRange range) {
        Value i = f.expressions.value(index);
        int size = type.elements().size();
        if (f.emitter.known(i) instanceof Emitter.Known(Long n)) {
            if (n < -size || n >= size) throw FunctionCompiler.error("tuple index " + n + " is out of range for "
                + size + " elements", range);
            int at = (int) (n < 0 ? n + size : n);
            return f.emitter.prim(Kinds.TUPLE_INDEX, List.of(tuple, f.emitter.constant(at, range)),
                type.elements().get(at), range);
        }
        Type first = size == 0 ? SimpleType.NONE : type.elements().getFirst();
        if (size == 0 || type.elements().stream().anyMatch(t -> !t.equals(first))) {
            throw FunctionCompiler.error("Cannot index into a " + type.annotation()
                + " with a non-integer literal because we cannot "
                + "resolve the output type", range);
        }
        return f.emitter.prim(Kinds.TUPLE_INDEX, List.of(tuple, i), first, range);
    }

    private Value bound(Optional<Expr> e, SourceRange range) {
        return e.map(f.expressions::value).orElseGet(() -> f.emitter.none(range));
    }

    private Value slice(Value v, Slice s) {
        if (v.type() instanceof TupleType t) return tupleSlice(v, t, s);
        Value step = s.step().map(f.expressions::value).orElseGet(() -> f.emitter.constant(1, s.range()));
        return f.operators.call("aten::slice", s.range(), v, bound(s.low(), s.range()), bound(s.high(), s.range()),
            step);
    }

    private Value tupleSlice(Value v, TupleType t, Slice s) {
        int size = t.elements().size();
        long step = fixed(s.step(), 1, s.range());
        if (step == 0) throw FunctionCompiler.error("slice step cannot be zero", s.range());
        long low = clip(fixed(s.low(), step > 0 ? 0 : size - 1, s.range()), size, step, s.low().isPresent());
        long high = clip(fixed(s.high(), step > 0 ? size : -1, s.range()), size, step, s.high().isPresent());
        if (step == 1) {
            int from = (int) low;
            int to = (int) Math.max(low, high);
            Map<String, Object> attributes = new LinkedHashMap<>();
            attributes.put("beg", (long) from);
            attributes.put("end", (long) to);
            return f.emitter.prim(Kinds.TUPLE_SLICE, attributes, List.of(v),
                TupleType.of(t.elements().subList(from, to)), s.range());
        }
        List<Value> all = f.emitter.unpack(Kinds.TUPLE_UNPACK, v, t.elements(), s.range());
        List<Value> taken = new ArrayList<>();
        for (long i = low; step > 0 ? i < high : i > high; i += step) taken.add(all.get((int) i));
        return f.emitter.tuple(taken, s.range());
    }

    private static long clip(long i, int size, long step, boolean given) {
        if (!given) return i;
        long at = i < 0 ? i + size : i;
        return step > 0 ? Math.clamp(at, 0, size) : Math.clamp(at, -1, size - 1);
    }

    private long fixed(Optional<Expr> e, long otherwise, SourceRange range) {
        if (e.isEmpty()) return otherwise;
        Emitter.Known k = f.emitter.known(f.expressions.value(e.get()));
        if (k != null && k.value() == null) return otherwise;
        if (k != null && k.value() instanceof Long n) return n;
        throw FunctionCompiler.error("the bounds of a tuple slice must be constants", range);
    }

    // ---- tensors

    /** A view by ints, slices and None, and the tensor indices left to apply; null where a dimension has none. */
    private record View(Value value, List<Value> indices) {}

    /** What one subscript is, and the dimension it applies to (from the end after an ellipsis). */
    private record Part(Item item, Value index, long dim) {}

    private View view(Value tensor, Expr.Subscript s) {
        List<Item> items = s.items().size() == 1
            && s.items().getFirst() instanceof Index(Expr.TupleExpr(var elements, _))
            ? new ArrayList<>(elements.stream().map(Index::new).toList()) : s.items();
        List<Part> parts = new ArrayList<>();
        int at = 0;
        long dim = 0;
        for (; at < items.size() && !isEllipsis(items.get(at)); at++) {
            Part p = part(items.get(at), dim);
            parts.add(p);
            if (!isInt(p)) dim++;
        }
        List<Part> reversed = new ArrayList<>();
        long back = -1;
        for (int i = items.size() - 1; i > at; i--) {
            if (isEllipsis(items.get(i))) throw FunctionCompiler.error("only one ellipsis is allowed in a subscript",
                s.range());
            Part p = part(items.get(i), back);
            reversed.addFirst(p);
            if (isTensorIndex(p)) {
                throw FunctionCompiler.error("Ellipses followed by tensor indexing is currently not supported", s.range());
            }
            if (p.index == null || isInt(p)) back--;
        }
        parts.addAll(reversed);
        return apply(tensor, parts, s.range());
    }

    private static boolean isEllipsis(Item item) { return item instanceof Index(Expr.EllipsisLiteral _); }

    private static boolean isInt(Part p) { return p.index != null && p.index.type() == SimpleType.INT; }

    private static boolean isTensorIndex(Part p) {
        return p.index != null && !isInt(p) && p.index.type() != SimpleType.NONE;
    }

    private Part part(Item item, long dim) {
        if (!(item instanceof Index(Expr e))) return new Part(item, null, dim);
        Value v = f.expressions.value(e);
        if (v.type() instanceof ListType || v.type() == SimpleType.BOOL) v = f.operators.call("aten::tensor",
            item.range(), v);
        Type t = v.type();
        boolean fine = t == SimpleType.INT || t == SimpleType.NONE || t.isTensor() || t == SimpleType.UNKNOWN
            || t instanceof OptionalType o && o.element().isTensor();
        if (t == SimpleType.NUMBER) {
            v = f.operators.call("aten::Int", item.range(), v);
        } else if (!fine) {
            throw FunctionCompiler.error("Unsupported operation: indexing tensor with unsupported index type '"
                + t.annotation() + "'. Only ints, slices, lists and tensors are supported", item.range());
        }
        return new Part(item, v, dim);
    }

    private View apply(Value tensor, List<Part> parts, SourceRange range) {
        Value v = tensor;
        List<Value> indices = new ArrayList<>();
        for (Part p : parts) {
            Value dim = f.emitter.constant(p.dim, range);
            if (p.item instanceof Slice s) {
                if (s.low().isEmpty() && s.high().isEmpty() && s.step().isEmpty()) continue;
                Value step = s.step().map(f.expressions::value).orElseGet(() -> f.emitter.constant(1, range));
                v = f.operators.call("aten::slice", range, v, dim, bound(s.low(), range), bound(s.high(), range), step);
            } else if (isInt(p)) {
                v = f.operators.call("aten::select", range, v, dim, p.index);
            } else if (p.index.type() == SimpleType.NONE) {
                v = f.operators.call("aten::unsqueeze", range, v, dim);
            } else {
                while (indices.size() <= p.dim) indices.add(null);
                indices.set((int) p.dim, p.index);
            }
        }
        return new View(v, indices);
    }

    private Value indexList(View view, SourceRange range) {
        Type element = OptionalType.of(TensorType.ANY);
        List<Value> items = view.indices.stream().map(i -> i == null ? f.emitter.none(range) : i).toList();
        return f.emitter.list(items, element, range);
    }

    // ---- writing

    void store(Expr.Subscript s, Value value) {
        Value of = f.expressions.value(s.value());
        if (of.type() instanceof TensorType) {
            storeTensor(view(of, s), value, s.range());
            return;
        }
        Value key = f.expressions.value(onlyIndex(s));
        store(of, key, value, s.range());
    }

    private void store(Value of, Value key, Value value, SourceRange range) {
        if (of.type() instanceof ClassType c && c.method("__setitem__").isPresent()) {
            f.calls.method(of, "__setitem__", List.of(key, value), Map.of(), range);
        } else {
            f.operators.call("aten::_set_item", range, of, key, value);
        }
    }

    private Expr onlyIndex(Expr.Subscript s) {
        if (s.items().size() == 1 && s.items().getFirst() instanceof Index(Expr index)) return index;
        throw FunctionCompiler.error("Sliced expression not yet supported for subscripted assignment", s.range());
    }

    private void storeTensor(View view, Value value, SourceRange range) {
        Value tensor = toTensor(value, view.value, range);
        if (view.indices.isEmpty()) f.operators.call("aten::copy_", range, view.value, tensor);
        else f.operators.call("aten::index_put_", range, view.value, indexList(view, range), tensor);
    }

    private Value toTensor(Value v, Value like, SourceRange range) {
        if (v.type().isTensor() || v.type() == SimpleType.UNKNOWN) return v;
        Map<String, Value> named = new LinkedHashMap<>();
        named.put("dtype", f.operators.call("prim::dtype", range, like));
        named.put("device", f.operators.call("prim::device", range, like));
        return f.terms.value(f.operators.call(new Operators.Call("aten::tensor", null, List.of(v), named, range)),
            range);
    }

    /** {@code x[i] op= …}. */
    void update(Expr.Subscript s, UnaryOperator<Value> change) {
        SourceRange range = s.range();
        Value of = f.expressions.value(s.value());
        if (of.type() instanceof TensorType) {
            View view = view(of, s);
            if (view.indices.isEmpty()) {
                change.apply(view.value);
            } else {
                Value indices = indexList(view, range);
                Value changed = change.apply(f.operators.call("aten::index", range, view.value, indices));
                f.operators.call("aten::index_put_", range, view.value, indices, changed);
            }
            return;
        }
        Value key = f.expressions.value(onlyIndex(s));
        Value old = of.type() instanceof ClassType
            ? f.terms.value(f.calls.method(of, "__getitem__", List.of(key), Map.of(), range), range)
            : f.operators.call("aten::__getitem__", range, of, key);
        store(of, key, change.apply(old), range);
    }

    void delete(Expr.Subscript s) {
        Value of = f.expressions.value(s.value());
        if (!(of.type() instanceof ListType) && !(of.type() instanceof DictType) && of.type() != SimpleType.UNKNOWN) {
            throw FunctionCompiler.error("del works on elements of lists and dicts", s.range());
        }
        f.operators.call("aten::Delete", s.range(), of, f.expressions.value(onlyIndex(s)));
    }
}
