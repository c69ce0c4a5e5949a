package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.value.ScriptList;
import java.util.Collection;
import java.util.stream.Collectors;

/** Strings. */
final class StringOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        sequence(ops);
        letters(ops);
        searches(ops);
        pieces(ops);
        padding(ops);
        StringTests.declare(ops);
        codes(ops);
        ops.op("aten::format(str self, ...) -> str").host(Formats::format);
        ops.op("aten::percentFormat(str self, ...) -> str").host(Formats::percent);
    }

    private static void sequence(Catalog ops) {
        ops.op("aten::len.str(str s) -> int").host(a -> (long) Strings.length(a.str(0)));
        ops.op("aten::__getitem__.str(str s, int index) -> str").host(a -> Strings.at(a.str(0), a.int64(1)));
        ops.op("prim::StringIndex(str string, int index) -> str").host(a -> Strings.at(a.str(0), a.int64(1)));
        ops.op("aten::slice.str(str string, int? start=None, int? end=None, int step=1) -> str").host(StringOps::slice);
        ops.op("aten::add.str(str a, str b) -> str").host(a -> a.str(0) + a.str(1));
        ops.op("aten::list(str t) -> str[]").host(a -> strings(a.str(0).codePoints().mapToObj(Character::toString).toList()));
        ops.op("aten::join(str self, str[] values) -> str")
            .host(a -> a.list(1).stream().map(String.class::cast).collect(Collectors.joining(a.str(0))));
        ops.op("aten::replace(str self, str old, str new, int max=-1) -> str")
            .host(a -> Strings.replace(a.str(0), a.str(1), a.str(2), a.int64(3)));
    }

    private static Object slice(Args a) {
        if (a.int64(3) == 0) throw new ScriptError("String slice should have non-zero step");
        return Strings.pick(a.str(0), Slices.positions(Strings.length(a.str(0)), a.get(1), a.get(2), a.int64(3)));
    }

    static ScriptList strings(Collection<String> items) { return new ScriptList(SimpleType.STR, items); }

    /** Only ASCII letters have a case, as in PyTorch's C locale. */
    private static int lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

    private static int upper(int c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }

    private static void letters(Catalog ops) {
        ops.op("aten::lower(str self) -> str").host(a -> Strings.map(a.str(0), StringOps::lower));
        ops.op("aten::upper(str self) -> str").host(a -> Strings.map(a.str(0), StringOps::upper));
        ops.op("aten::swapcase(str self) -> str").host(a -> Strings.map(a.str(0),
            c -> Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c)));
        ops.op("aten::capitalize(str self) -> str").host(a -> Strings.capitalize(a.str(0)));
        ops.op("aten::title(str self) -> str").host(a -> Strings.title(a.str(0)));
    }

    private static void searches(Catalog ops) {
        String tail = "(str self, str substr, int start=0, int end=-1) -> ";
        ops.op("aten::find" + tail + "int").host(a -> find(a, false));
        ops.op("aten::rfind" + tail + "int").host(a -> find(a, true));
        ops.op("aten::index.str" + tail + "int").host(a -> found(find(a, false)));
        ops.op("aten::rindex" + tail + "int").host(a -> found(find(a, true)));
        ops.op("aten::count" + tail + "int").host(a -> {
            int[] r = Strings.range(a.str(0), a.int64(2), a.int64(3));
            return Strings.count(Strings.part(a.str(0), r), a.str(1));
        });
        ops.op("aten::startswith" + tail + "bool").host(a -> Strings.part(a.str(0),
            Strings.checkedRange(a.str(0), a.int64(2), a.int64(3))).startsWith(a.str(1)));
        ops.op("aten::endswith" + tail + "bool").host(a -> Strings.part(a.str(0),
            Strings.checkedRange(a.str(0), a.int64(2), a.int64(3))).endsWith(a.str(1)));
    }

    private static long find(Args a, boolean last) {
        int[] r = Strings.range(a.str(0), a.int64(2), a.int64(3));
        if (r[1] < r[0]) return -1;
        String part = Strings.part(a.str(0), r);
        int at = last ? part.lastIndexOf(a.str(1)) : part.indexOf(a.str(1));
        return at < 0 ? -1 : r[0] + Strings.length(part.substring(0, at));
    }

    private static long found(long at) {
        if (at < 0) throw new ScriptError("ValueError: substring not found");
        return at;
    }

    private static void pieces(Catalog ops) {
        ops.op("aten::split.str(str self, str? separator=None, int max=-1) -> str[]").host(a -> strings(a.isNone(1)
            ? Strings.splitWords(a.str(0)) : Strings.split(a.str(0), a.str(1), a.int64(2))));
        ops.op("aten::rsplit(str self, str separator=\" \", int max=-1) -> str[]")
            .host(a -> strings(Strings.rsplit(a.str(0), a.str(1), a.int64(2))));
        ops.op("aten::splitlines(str self, bool keepends=False) -> str[]").host(a -> strings(Strings.lines(a.str(0), a.bool(1))));
        ops.op("aten::partition(str self, str separator) -> (str, str, str)")
            .host(a -> Strings.partition(a.str(0), a.str(1), false));
        ops.op("aten::rpartition(str self, str separator) -> (str, str, str)")
            .host(a -> Strings.partition(a.str(0), a.str(1), true));
        String chars = "(str self, str chars=\" \\n\\t\\f\\v\") -> str";
        ops.op("aten::strip" + chars).host(a -> Strings.strip(a.str(0), a.str(1), true, true));
        ops.op("aten::lstrip" + chars).host(a -> Strings.strip(a.str(0), a.str(1), true, false));
        ops.op("aten::rstrip" + chars).host(a -> Strings.strip(a.str(0), a.str(1), false, true));
    }

    private static void padding(Catalog ops) {
        String tail = "(str self, int width, str fillchar=\" \") -> str";
        ops.op("aten::center" + tail).host(a -> {
            long gap = gap(a);
            // as in Python, an odd space goes left if the width is odd, else right
            long left = gap / 2 + (gap & a.int64(1) & 1);
            return fill(a, left) + a.str(0) + fill(a, gap - left);
        });
        ops.op("aten::ljust" + tail).host(a -> a.str(0) + fill(a, gap(a)));
        ops.op("aten::rjust" + tail).host(a -> fill(a, gap(a)) + a.str(0));
        ops.op("aten::zfill(str self, int width) -> str").host(a -> Strings.zfill(a.str(0), a.int64(1)));
        ops.op("aten::expandtabs(str self, int tabsize=8) -> str").host(a -> Strings.expandTabs(a.str(0), a.int64(1)));
    }

    private static long gap(Args a) {
        if (Strings.length(a.str(2)) != 1) throw new ScriptError("TypeError: The fill character must be exactly one character long");
        return Math.max(0, a.int64(1) - Strings.length(a.str(0)));
    }

    private static String fill(Args a, long count) { return a.str(2).repeat(Math.toIntExact(count)); }

    private static void codes(Catalog ops) {
        ops.op("aten::ord(str string) -> int").host(a -> {
            int n = Strings.length(a.str(0));
            if (n != 1) throw new ScriptError("String for ord() must be 1 character, found " + n);
            return (long) a.str(0).codePointAt(0);
        });
        ops.op("aten::chr(int i) -> str").host(a -> {
            long c = a.int64(0);
            if (c < 0 || c >= 0x110000) throw new ScriptError("chr() arg not in range(0x110000), found " + c);
            return Character.toString((int) c);
        });
        ops.op("aten::hex(int i) -> str").host(a -> inBase(a.int64(0), "0x", 16));
        ops.op("aten::oct(int i) -> str").host(a -> inBase(a.int64(0), "0o", 8));
        ops.op("aten::bin(int i) -> str").host(a -> inBase(a.int64(0), "0b", 2));
    }

    private static String inBase(long v, String prefix, int base) {
        return (v < 0 ? "-" : "") + prefix + Long.toUnsignedString(Math.abs(v), base);
    }
}
