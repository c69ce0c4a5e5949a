package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.Text;
import dev.cresset.kernels.value.ValueEquality;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.LongStream;

/** Lists. */
final class ListOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        Overloads o = new Overloads(ops);
        elements(o);
        wholes(o);
        searches(o);
        sorting(o);
        folds(o);
        extremes(o, "prim::min", Numbers::min, -1);
        extremes(o, "prim::max", Numbers::max, 1);
        ops.op("prim::rangelist(int n) -> int[]").host(a -> ScriptList.ofLongs(LongStream.range(0, a.int64(0)).toArray()));
        ops.op("aten::Size(int[] sizes) -> int[]").host(a -> a.get(0));
        ops.op("aten::__range_length(int lo, int hi, int step) -> int").host(a -> rangeLength(a.int64(0), a.int64(1), a.int64(2)));
        ops.op("aten::__derive_index(int index, int start, int step) -> int").host(a -> a.int64(1) + a.int64(0) * a.int64(2));
    }

    private static long rangeLength(long lo, long hi, long step) {
        if (step == 0) throw new ScriptError("range() arg 3 must not be zero");
        if (step > 0) return lo < hi ? 1 + (hi - 1 - lo) / step : 0;
        return lo > hi ? 1 + (lo - 1 - hi) / -step : 0;
    }

    private static void elements(Overloads o) {
        Body.Function get = a -> a.list(0).get(index(a.list(0), a.int64(1)));
        o.each("aten::__getitem__", get, ".t(t[](a) list, int idx) -> t(*)");
        o.each("aten::select", get, ".t(t[](a) list, int idx) -> t(*)");
        o.each("aten::_set_item", a -> {
            a.list(0).set(index(a.list(0), a.int64(1)), a.get(2));
            return a.get(0);
        }, ".t(t[](a!) l, int idx, t(b -> *) el) -> t[](a!)");
        o.each("aten::Delete", a -> {
            a.list(0).remove(index(a.list(0), a.int64(1)));
            return null;
        }, ".t(t[](a!) self, int idx) -> ()");
        o.each("aten::pop", a -> {
            if (a.list(0).isEmpty()) throw new ScriptError("pop from empty list");
            return a.list(0).remove(index(a.list(0), a.int64(1)));
        }, ".t(t[](a!) self, int idx=-1) -> t(*)");
        o.each("aten::append", a -> {
            a.list(0).add(a.get(1));
            return a.get(0);
        }, ".t(t[](a!) self, t(c -> *) el) -> t[](a!)");
        o.each("aten::insert", a -> {
            long at = a.int64(1) < 0 ? a.int64(1) + a.list(0).size() : a.int64(1);
            a.list(0).add((int) Math.clamp(at, 0L, (long) a.list(0).size()), a.get(2));
            return null;
        }, ".t(t[](a!) self, int idx, t(b -> *) el) -> ()");
    }

    /** Counts a negative index from the end. */
    private static int index(ScriptList list, long i) {
        long at = i < 0 ? i + list.size() : i;
        if (at < 0 || at >= list.size()) throw new ScriptError("list index out of range");
        return (int) at;
    }

    private static void wholes(Overloads o) {
        o.each("aten::len", a -> (long) a.list(0).size(), ".t(t[] a) -> int");
        o.each("aten::len", a -> (long) a.list(0).size(), ".any(Any[] a) -> int");
        o.each("aten::clear", a -> {
            a.list(0).clear();
            return null;
        }, ".t(t[](a!) self) -> ()");
        o.each("aten::reverse", a -> {
            Collections.reverse(a.list(0));
            return null;
        }, ".t(t[](a!) self) -> ()");
        o.each("aten::copy", a -> copy(a.list(0)), ".t(t[](a) self) -> t[]");
        o.each("aten::list", a -> copy(a.list(0)), ".t(t[] l) -> t[]");
        o.each("aten::extend", a -> {
            extend(a.list(0), a.list(1));
            return null;
        }, ".t(t[](a!) self, t[] other) -> ()");
        o.each("aten::add", a -> extend(copy(a.list(0)), a.list(1)), ".t(t[] a, t[] b) -> t[]");
        o.each("aten::add_", a -> extend(a.list(0), a.list(1)), ".t(t[](a!) self, t[] b) -> t[]");
        o.each("aten::mul", a -> repeat(copy(a.list(0)), a.int64(1)), ".left_t(t[] l, int n) -> t[]");
        o.each("aten::mul", a -> repeat(copy(a.list(1)), a.int64(0)), ".right_(int n, t[] l) -> t[]");
        o.each("aten::mul_", a -> repeat(a.list(0), a.int64(1)), ".t(t[](a!) l, int n) -> t[](a!)");
        o.each("aten::slice", ListOps::slice, ".t(t[] l, int? start=None, int? end=None, int step=1) -> t[]");
    }

    private static ScriptList copy(ScriptList l) { return new ScriptList(l.elementType(), l); }

    private static ScriptList extend(ScriptList list, ScriptList more) {
        list.addAll(new ArrayList<>(more)); // they may be the same list
        return list;
    }

    private static ScriptList repeat(ScriptList list, long times) {
        List<Object> once = new ArrayList<>(list);
        if (times < 0) throw new ScriptError("vector::reserve: a list cannot be repeated " + times + " times");
        if (times == 0) list.clear();
        for (long i = 1; i < times; i++) list.addAll(once);
        return list;
    }

    private static Object slice(Args a) {
        ScriptList list = a.list(0);
        ScriptList out = new ScriptList(list.elementType());
        if (a.int64(3) == 0) throw new ScriptError("List slice should have non-zero step");
        for (int i : Slices.positions(list.size(), a.get(1), a.get(2), a.int64(3))) out.add(list.get(i));
        return out;
    }

    private static void searches(Overloads o) {
        for (String t : List.of("int", "float", "bool", "Tensor", "str")) {
            o.each("aten::index", a -> {
                int at = ValueEquality.indexOf(a.list(0), a.get(1));
                if (at < 0) throw new ScriptError("'" + shown(a.get(1)) + "' is not in list");
                return (long) at;
            }, ".list_" + t + "(" + t + "[] self, " + t + " el) -> int");
            o.each("aten::count", a -> a.list(0).stream().filter(x -> ValueEquality.equal(x, a.get(1))).count(),
                "." + t + "(" + t + "[] self, " + t + " el) -> int");
            o.each("aten::remove", a -> {
                int at = ValueEquality.indexOf(a.list(0), a.get(1));
                if (at < 0) throw new ScriptError("list.remove(x): x not in list");
                a.list(0).remove(at);
                return null;
            }, "." + t + "(" + t + "[](a!) self, " + t + " el) -> ()");
        }
        for (String t : List.of("int", "str", "float")) {
            o.each("aten::__contains__", a -> ValueEquality.indexOf(a.list(0), a.get(1)) >= 0,
                "." + t + "_list(" + t + "[] l, " + t + " item) -> bool");
        }
    }

    /** As a C++ stream shows an element in this one message. */
    private static String shown(Object v) {
        return v instanceof Double d ? dev.cresset.kernels.value.FloatText.general(d, 6) : Text.of(v);
    }

    private static void sorting(Overloads o) {
        for (String t : List.of("int", "float", "Tensor", "bool", "str")) {
            o.each("aten::sort", ListOps::sort, "." + t + "(" + t + "[](a!) self, bool reverse=False) -> ()");
            o.each("aten::sorted", a -> sorted(copy(a.list(0)), false), "." + t + "(" + t + "[](a) input) -> " + t + "[]");
        }
        o.each("aten::sort", ListOps::sort, ".any(t[](a!) self, bool reverse=False) -> ()");
        o.each("aten::sorted", a -> sorted(copy(a.list(0)), false), ".any(t[](a) self) -> t[]");
    }

    private static Object sort(Args a) {
        sorted(a.list(0), a.bool(1));
        return null;
    }

    private static ScriptList sorted(ScriptList list, boolean reverse) {
        list.sort(reverse ? ValueOrder.NATURAL.reversed() : ValueOrder.NATURAL);
        return list;
    }

    private static void folds(Overloads o) {
        o.each("aten::sum", a -> a.list(0).stream().mapToLong(Numbers::toLong).sum(), ".int(int[] self) -> int");
        o.each("aten::sum", a -> fold(a.list(0), 0.0, Numbers::add), ".float(float[] self) -> float");
        o.each("aten::sum", a -> fold(a.list(0), new Complex(0, 0), Numbers::add), ".complex(complex[] self) -> complex");
        o.each("aten::sum", a -> a.list(0).stream().mapToLong(Numbers::toLong).sum(), ".bool(bool[] self) -> int");
        o.each("aten::any", a -> a.list(0).stream().anyMatch(ConversionOps::truth), ".str(str[] self) -> bool",
            ".int(int[] self) -> bool", ".float(float[] self) -> bool", ".bool(bool[] self) -> bool");
        o.each("aten::all", a -> a.list(0).stream().allMatch(ConversionOps::truth),
            ".int(int[] self) -> bool", ".float(float[] self) -> bool", ".bool(bool[] self) -> bool");
    }

    private static Object fold(ScriptList list, Object start, BinaryOperator<Object> f) {
        Object sum = start;
        for (Object x : list) sum = f.apply(sum, x);
        return sum;
    }

    private static void extremes(Overloads o, String name, BinaryOperator<Object> choose, int sign) {
        o.binary(name, a -> choose.apply(a.get(0), a.get(1)), "int -> int", "float -> float", "int_float -> float", "float_int -> float",
            "Scalar -> Scalar");
        for (String t : List.of("int", "float", "bool")) {
            o.each(name, a -> sign * ValueOrder.NATURAL.compare(a.list(0), a.list(1)) > 0 ? a.get(0) : a.get(1),
                "." + t + "_list(" + t + "[] l, " + t + "[] r) -> " + t + "[]");
            o.each(name, a -> extreme(name, a.list(0), sign), ".self_" + t + "(" + t + "[] self) -> " + t);
        }
    }

    /** The first of the extreme elements; a NaN counts only in first place. */
    private static Object extreme(String name, ScriptList list, int sign) {
        if (list.isEmpty()) throw new ScriptError(name.substring(name.indexOf("::") + 2) + "() arg is an empty sequence");
        Object best = list.get(0);
        for (Object x : list) {
            if (sign > 0 ? ValueOrder.less(best, x) : ValueOrder.less(x, best)) best = x;
        }
        return best;
    }
}
