package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Python's string methods. Positions and lengths count bytes of UTF-8, as they do in TorchScript. */
final class Strings {
    private Strings() {}

    static int length(String s) { return isAscii(s) ? s.length() : s.getBytes(StandardCharsets.UTF_8).length; }

    private static boolean isAscii(String s) {
        for (int i = 0; i < s.length(); i++) if (s.charAt(i) >= 0x80) return false;
        return true;
    }

    /** The bytes from one position to another; where they cut a character apart, something that is no character. */
    static String bytes(String s, int from, int to) {
        return isAscii(s) ? s.substring(from, to)
            : new String(s.getBytes(StandardCharsets.UTF_8), from, to - from, StandardCharsets.UTF_8);
    }

    /** The bytes at some positions. */
    static String pick(String s, int[] positions) {
        byte[] all = s.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[positions.length];
        for (int i = 0; i < out.length; i++) out[i] = all[positions[i]];
        return new String(out, StandardCharsets.UTF_8);
    }

    /** The character at a position, from the end if negative. */
    static String at(String s, long index) {
        int n = length(s);
        long i = index < 0 ? index + n : index;
        if (i < 0 || i >= n) throw new ScriptError("string index out of range (basic_string::at): index " + index + " of a string of length " + n);
        return bytes(s, (int) i, (int) i + 1);
    }

    /** Start and end within the string. A negative end counts from one past the last character, so -1 means all of it. */
    static int[] range(String s, long start, long end) {
        int n = length(s);
        long from = start < 0 ? Math.max(0, start + n) : start;
        long to = end < 0 ? Math.max(0, end + n + 1) : Math.min(end, n);
        return new int[] {(int) Math.min(from, n + 1L), (int) to};
    }

    static int[] checkedRange(String s, long start, long end) {
        int[] r = range(s, start, end);
        if (r[0] > length(s)) throw new ScriptError("start " + start + " (basic_string::substr) lies beyond a string of length " + length(s));
        return r;
    }

    /** The part of this range; empty if the range is. */
    static String part(String s, int[] range) {
        return range[0] >= range[1] ? "" : bytes(s, range[0], range[1]);
    }

    static String map(String s, IntUnaryOperator f) {
        int[] out = s.codePoints().map(f).toArray();
        return new String(out, 0, out.length);
    }

    static String capitalize(String s) {
        if (s.isEmpty()) return s;
        int first = s.offsetByCodePoints(0, 1);
        return map(s.substring(0, first), Character::toUpperCase) + map(s.substring(first), Character::toLowerCase);
    }

    /** A letter after anything but a letter becomes upper case, the others lower. */
    static String title(String s) {
        boolean[] afterLetter = {false};
        return map(s, c -> {
            int out = afterLetter[0] ? Character.toLowerCase(c) : Character.toUpperCase(c);
            afterLetter[0] = Character.isLetter(c);
            return out;
        });
    }

    /** Occurrences that do not overlap. */
    static long count(String s, String part) {
        if (part.isEmpty()) return length(s) + 1L;
        long n = 0;
        for (int at = s.indexOf(part); at >= 0; at = s.indexOf(part, at + part.length())) n++;
        return n;
    }

    /** @param max how many at most; negative for all */
    static String replace(String s, String old, String with, long max) {
        if (old.isEmpty()) return interleave(s, with, max);
        StringBuilder out = new StringBuilder();
        int from = 0;
        for (int at = s.indexOf(old); at >= 0 && max != 0; at = s.indexOf(old, from), max--) {
            out.append(s, from, at).append(with);
            from = at + old.length();
        }
        return out.append(s, from, s.length()).toString();
    }

    /** For an empty pattern, as Python does; PyTorch puts all in front and without a maximum never ends. */
    private static String interleave(String s, String with, long max) {
        StringBuilder out = new StringBuilder();
        long left = max;
        for (int i = 0; i <= s.length(); i = i < s.length() ? s.offsetByCodePoints(i, 1) : i + 1) {
            if (left != 0) out.append(with);
            left--;
            if (i < s.length()) out.appendCodePoint(s.codePointAt(i));
        }
        return out.toString();
    }

    static List<String> split(String s, String separator, long max) {
        checkSeparator(separator);
        List<String> out = new ArrayList<>();
        int from = 0;
        for (int at = s.indexOf(separator); at >= 0 && max != 0; at = s.indexOf(separator, from), max--) {
            out.add(s.substring(from, at));
            from = at + separator.length();
        }
        out.add(s.substring(from));
        return out;
    }

    /** From the right. */
    static List<String> rsplit(String s, String separator, long max) {
        checkSeparator(separator);
        List<String> out = new ArrayList<>();
        int to = s.length();
        for (int at = s.lastIndexOf(separator); at >= 0 && max != 0; max--) {
            out.addFirst(s.substring(at + separator.length(), to));
            to = at;
            at = to < separator.length() ? -1 : s.lastIndexOf(separator, to - separator.length());
        }
        out.addFirst(s.substring(0, to));
        return out;
    }

    private static void checkSeparator(String separator) {
        if (separator.isEmpty()) throw new ScriptError("ValueError: empty separator");
    }

    /** At runs of white space; none at the ends. PyTorch takes no notice of a maximum here. */
    static List<String> splitWords(String s) {
        List<String> out = new ArrayList<>();
        int i = skipSpace(s, 0);
        while (i < s.length()) {
            int end = i;
            while (end < s.length() && !isSpace(s.charAt(end))) end++;
            out.add(s.substring(i, end));
            i = skipSpace(s, end);
        }
        return out;
    }

    private static int skipSpace(String s, int i) {
        while (i < s.length() && isSpace(s.charAt(i))) i++;
        return i;
    }

    static boolean isSpace(int c) { return c == ' ' || c >= '\t' && c <= '\r'; }

    static List<String> lines(String s, boolean keepEnds) {
        List<String> out = new ArrayList<>();
        int from = 0;
        while (from < s.length()) {
            int end = from;
            while (end < s.length() && "\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029".indexOf(s.charAt(end)) < 0) end++;
            int next = Math.min(s.length(), end + 1); // PyTorch also ends a line between CR and LF
            out.add(s.substring(from, end));
            if (keepEnds && end < next) out.add(s.substring(end, next)); // PyTorch keeps them as elements of their own
            from = next;
        }
        return out;
    }

    /** Before, separator, after as three results; without the separator the string with two empty ones. */
    static Object partition(String s, String separator, boolean last) {
        checkSeparator(separator);
        int at = last ? s.lastIndexOf(separator) : s.indexOf(separator);
        if (at < 0) return last ? new Object[] {"", "", s} : new Object[] {s, "", ""};
        return new Object[] {s.substring(0, at), separator, s.substring(at + separator.length())};
    }

    static String strip(String s, String chars, boolean left, boolean right) {
        int from = 0;
        int to = s.length();
        while (left && from < to && chars.indexOf(s.codePointAt(from)) >= 0) from = s.offsetByCodePoints(from, 1);
        while (right && to > from && chars.indexOf(s.codePointBefore(to)) >= 0) to = s.offsetByCodePoints(to, -1);
        return s.substring(from, to);
    }

    /** Zeros go after a sign. */
    static String zfill(String s, long width) {
        String zeros = "0".repeat((int) Math.max(0, width - length(s)));
        boolean signed = s.startsWith("-") || s.startsWith("+");
        return signed ? s.charAt(0) + zeros + s.substring(1) : zeros + s;
    }

    static String expandTabs(String s, long tabSize) {
        StringBuilder out = new StringBuilder();
        long column = 0;
        for (int c : s.codePoints().toArray()) {
            if (c != '\t') {
                out.appendCodePoint(c);
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            } else if (tabSize > 0) {
                long spaces = tabSize - column % tabSize;
                out.repeat(' ', (int) spaces);
                column += spaces;
            }
        }
        return out.toString();
    }
}
