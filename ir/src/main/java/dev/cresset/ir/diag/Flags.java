package dev.cresset.ir.diag;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;

/**
 * The developer's switches, read once when an engine starts and passed down as a value. Set one as the system property
 * {@code cresset.<name>}.
 */
public final class Flags {
    /** What {@link #DUMP} can print. */
    public enum Dump { PASSES, GRAPH, KERNELS, GUARDS }

    /** When {@link #VERIFY} checks graphs. */
    public enum Verify { PASS, STAGE, OFF }

    /** @param pass the pass to stop, @param changes after how many changes */
    public record Limit(String pass, long changes) {}

    /** One flag. @param parse the value of a text; throws IllegalArgumentException saying what was expected */
    public record Flag<T>(String name, String type, T defaultValue, String meaning, Function<String, T> parse) {}

    public static final Flag<Set<Dump>> DUMP = new Flag<>("dump", "list of passes, graph, kernels, guards", Set.of(),
        "What to print while compiling", Flags::dumps);
    public static final Flag<Optional<Path>> DUMP_DIR = new Flag<>("dump.dir", "directory", Optional.empty(),
        "Where dumps go, one file each; standard error if not set", text -> Optional.of(Path.of(text)));
    public static final Flag<Set<String>> DUMP_ONLY = new Flag<>("dump.only", "list of passes", Set.of(),
        "Dump after these passes only", Flags::words);
    public static final Flag<Optional<Limit>> OPT_LIMIT = new Flag<>("opt.limit", "pass:n", Optional.empty(),
        "Stop this pass after n changes, to find a wrong one", text -> Optional.of(limit(text)));
    public static final Flag<Verify> VERIFY = new Flag<>("verify", "pass, stage or off", Verify.STAGE,
        "Check graphs after each pass, after each pipeline, or never", text -> oneOf(Verify.class, text));
    public static final Flag<Set<String>> DISABLE = new Flag<>("disable", "list of passes", Set.of(),
        "Leave these passes out", Flags::words);

    /** All flags, in the order in which they are listed. */
    public static final List<Flag<?>> ALL = distinct(List.of(DUMP, DUMP_DIR, DUMP_ONLY, OPT_LIMIT, VERIFY, DISABLE));

    private static final String PREFIX = "cresset.";

    private final Map<Flag<?>, Object> values;

    private Flags(Map<Flag<?>, Object> values) { this.values = values; }

    /** All flags at their defaults. */
    public static Flags defaults() { return parse(Map.of()); }

    /**
     * Flags from texts by name (without prefix).
     *
     * @throws CressetException for a name that is no flag or a text that is no value of it
     */
    public static Flags parse(Map<String, String> texts) {
        Map<Flag<?>, Object> values = new LinkedHashMap<>();
        for (Flag<?> flag : ALL) {
            String text = texts.get(flag.name());
            values.put(flag, text == null ? flag.defaultValue() : value(flag, text));
        }
        for (String name : texts.keySet()) {
            if (ALL.stream().noneMatch(f -> f.name().equals(name))) {
                throw new CressetException("there is no flag '" + name + "'; the flags are "
                    + String.join(", ", ALL.stream().map(Flag::name).toList()));
            }
        }
        return new Flags(values);
    }

    /** Flags from the properties {@code cresset.*} that are flags; other properties of that prefix are left alone. */
    public static Flags fromProperties(Properties properties) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Flag<?> flag : ALL) {
            String text = properties.getProperty(PREFIX + flag.name());
            if (text != null) texts.put(flag.name(), text);
        }
        return parse(texts);
    }

    private static Object value(Flag<?> flag, String text) {
        try {
            return flag.parse().apply(text);
        } catch (IllegalArgumentException e) {
            throw new CressetException("flag " + flag.name() + " cannot be '" + text + "': expected " + flag.type(), e);
        }
    }

    @SuppressWarnings("unchecked") // put in under the same flag, parsed by it
    public <T> T get(Flag<T> flag) { return (T) values.get(flag); }

    /** All flags with their types, defaults and meanings, one a line. */
    public static String table() {
        StringBuilder out = new StringBuilder();
        for (Flag<?> f : ALL) {
            out.append(String.format("%-12s %-40s default %-8s %s%n", f.name(), f.type(), show(f.defaultValue()),
                f.meaning()));
        }
        return out.toString();
    }

    private static String show(Object value) {
        return switch (value) {
            case Optional<?> o -> o.map(Object::toString).orElse("none");
            case Set<?> s -> s.isEmpty() ? "none" : s.toString();
            case Enum<?> e -> e.name().toLowerCase(java.util.Locale.ROOT);
            default -> value.toString();
        };
    }

    static List<Flag<?>> distinct(List<Flag<?>> flags) {
        Set<String> names = new LinkedHashSet<>();
        for (Flag<?> f : flags) {
            if (!names.add(f.name())) {
                throw new IllegalArgumentException("the flag '" + f.name() + "' is declared twice");
            }
        }
        return flags;
    }

    private static Set<String> words(String text) {
        Set<String> words = new LinkedHashSet<>();
        for (String word : text.split(",")) if (!word.isBlank()) words.add(word.strip());
        return words;
    }

    private static Set<Dump> dumps(String text) {
        List<Dump> found = new ArrayList<>();
        for (String word : words(text)) found.add(oneOf(Dump.class, word));
        return Set.copyOf(found);
    }

    private static <E extends Enum<E>> E oneOf(Class<E> type, String text) {
        return Enum.valueOf(type, text.strip().toUpperCase(java.util.Locale.ROOT));
    }

    private static Limit limit(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) throw new IllegalArgumentException("no colon");
        return new Limit(text.substring(0, colon), Long.parseLong(text.substring(colon + 1)));
    }
}
