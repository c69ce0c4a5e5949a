package dev.cresset.cli.input;

import dev.cresset.cli.data.Npy;
import dev.cresset.cli.data.Npz;
import dev.cresset.ir.type.Complex;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.value.ScriptTuple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads inputs as the command line has them: files, made-up tensors ({@link TensorSpec}), numbers, strings, {@code
 * true},
 * {@code false}, {@code none}, {@code [lists]}, {@code (tuples)}, {@code {dicts: …}}. What has to fit a declared type
 * is
 * settled later, by {@link ArgumentFitter}.
 */
public final class InputParser {
    private static final Pattern INTEGER = Pattern.compile("[+-]?\\d+");
    private static final Pattern FLOAT = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern COMPLEX =
        Pattern.compile("([+-]?[\\d.]+(?:[eE][+-]?\\d+)?)([+-][\\d.]+(?:[eE][+-]?\\d+)?)j");
    private static final Pattern SPEC_AHEAD = Pattern.compile("[a-z]+\\d*\\[[\\d,\\s]*\\](=[^,\\])}\\s]+)?");
    private static final String WORD_ENDS = ",:[](){}";
    private static final int MAX_DEPTH = 64;

    private final Generator random;
    private String text;
    private int at;
    private int depth;

    /** @param random where made-up tensors take their numbers */
    public InputParser(Generator random) { this.random = random; }

    /**
     * The value of an input; words stay {@link Atom}s until they meet a declared type.
     *
     * @throws IllegalArgumentException saying what is wrong with the text
     * @throws IOException              if a file it names cannot be read
     */
    public Object parse(String input) throws IOException {
        Optional<Object> tensor = tensor(input);
        if (tensor.isPresent()) return tensor.get();
        if (input.isEmpty() || "[({'\"".indexOf(input.charAt(0)) < 0) return word(input);
        text = input;
        at = 0;
        depth = 0;
        Object value = value();
        if (at < text.length()) throw error("unexpected '" + text.substring(at) + "'");
        return value;
    }

    private Optional<Object> tensor(String input) throws IOException {
        int colon = input.lastIndexOf(".npz:");
        if (input.endsWith(".npy")) return Optional.of(Npy.read(existing(input)));
        if (input.endsWith(".npz")) return Optional.of(Npz.read(existing(input), null));
        if (colon >= 0) return Optional.of(Npz.read(existing(input.substring(0, colon + 4)),
            input.substring(colon + 5)));
        return TensorSpec.parse(input).map(spec -> spec.make(random));
    }

    private static Path existing(String file) throws NoSuchFileException {
        Path path = Path.of(file);
        if (!Files.isRegularFile(path)) throw new NoSuchFileException("input " + file + ": there is no such file");
        return path;
    }

    private static Atom word(String word) { return new Atom(word, plain(word)); }

    private static Object plain(String word) {
        switch (word) {
            case "true", "True": return true;
            case "false", "False": return false;
            case "none", "None": return null;
            case "nan": return Double.NaN;
            case "inf": return Double.POSITIVE_INFINITY;
            case "-inf": return Double.NEGATIVE_INFINITY;
            default: break;
        }
        try {
            if (INTEGER.matcher(word).matches()) return Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the integer " + word + " does not fit 64 bits", e);
        }
        if (FLOAT.matcher(word).matches()) return Double.parseDouble(word);
        Matcher complex = COMPLEX.matcher(word);
        if (complex.matches()) return new Complex(Double.parseDouble(complex.group(1)),
            Double.parseDouble(complex.group(2)));
        return word;
    }

    private Object value() throws IOException {
        skipSpace();
        if (at == text.length()) throw error("a value is missing");
        if (++depth > MAX_DEPTH) throw error("lists are nested deeper than " + MAX_DEPTH);
        Object value = switch (text.charAt(at)) {
            case '[' -> sequence(']');
            case '(' -> new ScriptTuple(sequence(')').toArray());
            case '{' -> dict();
            case '\'', '"' -> quoted();
            default -> bare();
        };
        depth--;
        skipSpace();
        return value;
    }

    private List<Object> sequence(char end) throws IOException {
        List<Object> items = new ArrayList<>();
        at++;
        skipSpace();
        while (!take(end)) {
            items.add(value());
            if (!take(',') && !ahead(end)) throw error("expected ',' or '" + end + "'");
            skipSpace();
        }
        return items;
    }

    private Map<Object, Object> dict() throws IOException {
        Map<Object, Object> items = new LinkedHashMap<>();
        at++;
        skipSpace();
        while (!take('}')) {
            Object key = value();
            if (!take(':')) throw error("expected ':' after a key");
            items.put(key, value());
            if (!take(',') && !ahead('}')) throw error("expected ',' or '}'");
            skipSpace();
        }
        return items;
    }

    private String quoted() {
        char quote = text.charAt(at);
        StringBuilder out = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == quote) {
                at++;
                return out.toString();
            }
            if (c == '\\' && at + 1 < text.length()) {
                c = text.charAt(++at);
                c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
            }
            out.append(c);
        }
        throw error("a closing " + quote + " is missing");
    }

    private Object bare() throws IOException {
        Matcher spec = SPEC_AHEAD.matcher(text).region(at, text.length());
        if (spec.lookingAt()) {
            at = spec.end();
            return tensor(spec.group()).orElseThrow();
        }
        int start = at;
        while (at < text.length() && WORD_ENDS.indexOf(text.charAt(at)) < 0) at++;
        String word = text.substring(start, at).strip();
        if (word.isEmpty()) throw error("a value is missing");
        return tensor(word).orElseGet(() -> word(word));
    }

    private void skipSpace() { while (at < text.length() && Character.isWhitespace(text.charAt(at))) at++; }

    private boolean ahead(char c) { return at < text.length() && text.charAt(at) == c; }

    private boolean take(char c) {
        if (!ahead(c)) return false;
        at++;
        return true;
    }

    private IllegalArgumentException error(String what) {
        return new IllegalArgumentException("input '" + text + "': " + what + " at character " + (at + 1)
            + "; to pass text that begins with a bracket, quote it: \"'[text'\"");
    }
}
