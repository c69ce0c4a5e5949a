package dev.cresset.ir.schema;

import dev.cresset.ir.type.Type;

/**
 * A formal argument or a return of a schema.
 *
 * @param name         empty for an unnamed return
 * @param fixedLength  N of {@code int[N]}, where a single value stands for a list of N; 0 for none
 * @param defaultValue Long, Double, Boolean, String, null for None, or a List of these; meaningful if {@code hasDefault}
 * @param alias        null for none: a fresh value, or an argument that is only read and not kept
 */
public record Argument(String name, Type type, int fixedLength, boolean hasDefault, Object defaultValue,
                       boolean keywordOnly, AliasInfo alias) {

    public static Argument plain(String name, Type type) { return new Argument(name, type, 0, false, null, false, null); }

    public static Argument withDefault(String name, Type type, Object value) {
        return new Argument(name, type, 0, true, value, false, null);
    }

    public boolean isWritten() { return alias != null && alias.write(); }
}
