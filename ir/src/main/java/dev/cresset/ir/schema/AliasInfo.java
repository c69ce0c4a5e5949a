package dev.cresset.ir.schema;

import java.util.Set;

/**
 * The alias annotation of an argument or return: {@code (a!)}, {@code (a -> *)}, {@code (*)}.
 *
 * @param sets  names of the alias sets, {@code "*"} for the wildcard
 * @param write true if the value is written
 * @param after alias sets after the call; the same as {@code sets} unless {@code ->} was given
 */
public record AliasInfo(Set<String> sets, boolean write, Set<String> after) {
    public AliasInfo {
        sets = Set.copyOf(sets);
        after = Set.copyOf(after);
    }

    public boolean isWildcard() { return sets.contains("*"); }

    @Override public String toString() {
        String before = String.join("|", sets.stream().sorted().toList());
        return "(" + before + (write ? "!" : "") + (after.equals(sets) ? "" : " -> " + String.join("|", after)) + ")";
    }
}
