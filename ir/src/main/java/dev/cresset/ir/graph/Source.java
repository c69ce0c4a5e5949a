package dev.cresset.ir.graph;

import java.util.Optional;

/**
 * A text that code came from.
 *
 * @param name     a file name, {@code code/__torch__/m.py}
 * @param text     the whole text
 * @param origins  where its parts came from originally (the archive's debug records); never null
 */
public record Source(String name, String text, Origins origins) {
    /** Maps places of a serialised text to places of the user's own files. */
    @FunctionalInterface
    public interface Origins {
        Origins NONE = charOffset -> Optional.empty();

        /** The user's source range for the character at this offset of the serialised text. */
        Optional<SourceRange> at(int charOffset);
    }

    public Source(String name, String text) { this(name, text, Origins.NONE); }

    /** 1-based line of a character offset. */
    public int lineOf(int offset) {
        int line = 1;
        for (int i = 0; i < Math.min(offset, text.length()); i++) if (text.charAt(i) == '\n') line++;
        return line;
    }

    /** 0-based column of a character offset. */
    public int columnOf(int offset) {
        int at = Math.min(offset, text.length());
        return at - (text.lastIndexOf('\n', at - 1) + 1);
    }

    @Override public String toString() { return name; }
}
