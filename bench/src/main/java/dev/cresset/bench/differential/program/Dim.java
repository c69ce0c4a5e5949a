package dev.cresset.bench.differential.program;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A size as a random program knows it: a sum of products of sizes that are chosen at each call. {@code N*S + 2} is the map
 * {@code "N*S" -> 1, "" -> 2}. Two sizes are the same at every call if and only if they are equal.
 */
public record Dim(SortedMap<String, Long> terms) {
    public static Dim of(long constant) {
        SortedMap<String, Long> terms = new TreeMap<>();
        if (constant != 0) terms.put("", constant);
        return new Dim(terms);
    }

    /** A size that a call chooses. */
    public static Dim named(String name) { return new Dim(new TreeMap<>(Map.of(name, 1L))); }

    Dim plus(Dim other) {
        SortedMap<String, Long> sum = new TreeMap<>(terms);
        other.terms.forEach((product, factor) -> sum.merge(product, factor, Long::sum));
        sum.values().removeIf(factor -> factor == 0);
        return new Dim(sum);
    }

    Dim plus(long constant) { return plus(of(constant)); }

    Dim times(Dim other) {
        Dim sum = of(0);
        for (Map.Entry<String, Long> a : terms.entrySet()) {
            for (Map.Entry<String, Long> b : other.terms.entrySet()) {
                sum = sum.plus(new Dim(new TreeMap<>(Map.of(product(a.getKey(), b.getKey()), a.getValue() * b.getValue()))));
            }
        }
        return sum;
    }

    private static String product(String a, String b) {
        if (a.isEmpty() || b.isEmpty()) return a + b;
        String[] names = (a + "*" + b).split("\\*");
        Arrays.sort(names);
        return String.join("*", names);
    }

    boolean isConstant() { return terms.keySet().stream().allMatch(String::isEmpty); }

    boolean is(long constant) { return isConstant() && constant() == constant; }

    /** The value of a constant size. */
    long constant() { return terms.getOrDefault("", 0L); }

    /** @param sizes the call's sizes by name */
    public long at(Map<String, Long> sizes) {
        long sum = 0;
        for (Map.Entry<String, Long> e : terms.entrySet()) {
            long value = e.getValue();
            if (!e.getKey().isEmpty()) for (String name : e.getKey().split("\\*")) value *= sizes.get(name);
            sum += value;
        }
        return sum;
    }
}
