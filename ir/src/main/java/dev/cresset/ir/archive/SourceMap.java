package dev.cresset.ir.archive;

import dev.cresset.ir.archive.pickle.PickleList;
import dev.cresset.ir.archive.pickle.PickleTuple;
import dev.cresset.ir.archive.pickle.Storages;
import dev.cresset.ir.archive.pickle.Unpickler;
import dev.cresset.ir.diag.ArchiveException;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.graph.SourceRange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The debug records of a code file: which part of the serialised text came from which range of the user's files. */
public final class SourceMap implements Source.Origins {
    static final SourceMap EMPTY = new SourceMap(new PickleTuple(), new int[0], new PickleTuple[0], Utf8Offsets.of(""));
    private static final String STRING_TABLE = "FORMAT_WITH_STRING_TABLE";
    /** Characters of the longest original text that is put together, and of all that are kept. */
    private static final int MAX_TEXT = 16 << 20;

    private final PickleTuple strings;
    private final int[] offsets;
    private final PickleTuple[] ranges;
    private final Utf8Offsets serialised;
    private final Map<PickleTuple, Optional<Original>> originals = new IdentityHashMap<>();
    private long kept;

    /** A text of the user's: some lines of a file. */
    private record Original(Source source, Utf8Offsets offsets, int firstLine) {}

    private SourceMap(PickleTuple strings, int[] offsets, PickleTuple[] ranges, Utf8Offsets serialised) {
        this.strings = strings;
        this.offsets = offsets;
        this.ranges = ranges;
        this.serialised = serialised;
    }

    /**
     * Reads the debug records of a code file.
     *
     * @param record how errors name them
     * @param text   the code file's text
     */
    static SourceMap read(String record, byte[] pickle, String text) {
        if (!(Unpickler.read(record, pickle, Storages.NONE) instanceof PickleTuple all)) {
            throw new ArchiveException(record, 0, "the debug records are not a tuple");
        }
        boolean table = all.size() == 3 && STRING_TABLE.equals(all.get(0));
        if (table && !(all.get(1) instanceof PickleTuple && all.get(2) instanceof PickleTuple)) {
            throw new ArchiveException(record, 0, "the debug records have no string table");
        }
        PickleTuple records = table ? (PickleTuple) all.get(2) : all;
        int[] offsets = new int[records.size()];
        PickleTuple[] ranges = new PickleTuple[records.size()];
        for (int i = 0; i < ranges.length; i++) {
            if (!(records.get(i) instanceof PickleTuple r && r.size() >= 2 && r.get(0) instanceof Long at
                    && r.get(1) instanceof PickleTuple range && range.size() == 3)) {
                throw new ArchiveException(record, 0, "debug record " + i + " is not (offset, range, tag)");
            }
            offsets[i] = clamp(at);
            ranges[i] = range;
            if (i > 0 && offsets[i] < offsets[i - 1]) {
                throw new ArchiveException(record, 0, "debug record " + i + " is out of order");
            }
        }
        PickleTuple strings = table ? (PickleTuple) all.get(1) : new PickleTuple();
        return new SourceMap(strings, offsets, ranges, Utf8Offsets.of(text));
    }

    /** Reads the map when it is first asked. A map that cannot be read has no entries: a model runs without. */
    static Source.Origins lazily(Supplier<SourceMap> reader) {
        return new Source.Origins() {
            private SourceMap map;

            @Override public synchronized Optional<SourceRange> at(int charOffset) {
                if (map == null) {
                    try {
                        map = reader.get();
                    } catch (ArchiveException | IllegalStateException e) {
                        map = EMPTY;
                    }
                }
                return map.at(charOffset);
            }
        };
    }

    /** Number of records. */
    public int size() { return offsets.length; }

    @Override public synchronized Optional<SourceRange> at(int charOffset) {
        int found = Arrays.binarySearch(offsets, serialised.toBytes(charOffset));
        int i = found >= 0 ? found : -found - 2;
        if (i < 0 || !(ranges[i].get(0) instanceof PickleTuple from)
                || !(ranges[i].get(1) instanceof Long start) || !(ranges[i].get(2) instanceof Long end)) {
            return Optional.empty();
        }
        return original(from).map(o -> new SourceRange(o.source(), o.offsets().toChars(clamp(start)),
                Math.max(o.offsets().toChars(clamp(start)), o.offsets().toChars(clamp(end))), o.firstLine()));
    }

    private Optional<Original> original(PickleTuple from) {
        Optional<Original> known = originals.get(from);
        if (known != null) return known;
        Optional<Original> made = text(from).filter(t -> !t.isEmpty()).map(t -> {
            String file = from.size() > 1 ? string(from.get(1)).orElse("") : "";
            int line = from.size() > 2 && from.get(2) instanceof Long n ? Math.max(1, clamp(n)) : 1;
            return new Original(new Source(file.isEmpty() ? "<unknown>" : file, t), Utf8Offsets.of(t), line);
        });
        kept += made.map(o -> o.source().text().length()).orElse(0);
        if (kept > MAX_TEXT) {
            originals.clear();
            kept = 0;
        }
        originals.put(from, made);
        return made;
    }

    /** The text itself (old form), or the pieces of which it is to be put together. */
    private Optional<String> text(PickleTuple from) {
        if (from.size() == 0) return Optional.empty();
        if (from.get(0) instanceof String whole) return Optional.of(whole);
        List<Object> pieces = switch (from.get(0)) {
            case PickleList l -> l.items();
            case PickleTuple t -> t.items();
            case null, default -> new ArrayList<>();
        };
        StringBuilder out = new StringBuilder();
        for (Object piece : pieces) {
            String s = string(piece).orElse("");
            if (out.length() + s.length() > MAX_TEXT) return Optional.empty();
            out.append(s);
        }
        return Optional.of(out.toString());
    }

    private Optional<String> string(Object value) {
        Object direct = value instanceof Long i && i >= 0 && i < strings.size() ? strings.get(clamp(i)) : value;
        return direct instanceof String s ? Optional.of(s) : Optional.empty();
    }

    private static int clamp(long n) { return (int) Math.max(0, Math.min(Integer.MAX_VALUE, n)); }

    /** Translates between offsets in characters and in bytes of UTF-8, which is what archives count. */
    private record Utf8Offsets(int length, int[] bytesBefore) {
        /** For plain ASCII the offsets are the same, and the table is empty. */
        static Utf8Offsets of(String text) {
            if (text.getBytes(StandardCharsets.UTF_8).length == text.length()) {
                return new Utf8Offsets(text.length(), new int[0]);
            }
            int[] before = new int[text.length() + 1];
            for (int i = 0; i < text.length(); i++) before[i + 1] = before[i] + width(text.charAt(i));
            return new Utf8Offsets(text.length(), before);
        }

        /** Each half of a surrogate pair counts two of its four bytes. */
        private static int width(char c) {
            if (c < 0x80) return 1;
            return c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }

        int toBytes(int chars) {
            int at = Math.max(0, Math.min(length, chars));
            return bytesBefore.length == 0 ? at : bytesBefore[at];
        }

        int toChars(int bytes) {
            if (bytesBefore.length == 0) return Math.min(length, bytes);
            int found = Arrays.binarySearch(bytesBefore, bytes);
            return Math.min(length, found >= 0 ? found : -found - 2);
        }
    }
}
