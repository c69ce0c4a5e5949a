package dev.cresset.kernels.cuda.code;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A kernel as text: what a module needs to have it, and how it is launched. Its parameter is one struct of 8 bytes slots. */
public sealed interface KernelSource permits KernelText, FamilyKernel, LoopKernel, TileKernel {
    /** What it is found by: equal for kernels of equal texts, and made without the text. */
    Object key();

    /** The name of the {@code extern "C"} function. Kernels of the same name have the same text. */
    String entry();

    /** The text after the prelude and {@link #families}. */
    String source();

    /** The resources with the templates that it instantiates, in this order. */
    List<String> families();

    Launch launch();

    /** The translation unit with these kernels, each once. */
    static String module(Collection<? extends KernelSource> kernels) {
        Set<String> families = new LinkedHashSet<>();
        Map<String, String> sources = new LinkedHashMap<>();
        for (KernelSource k : kernels) {
            families.addAll(k.families());
            sources.put(k.entry(), k.source());
        }
        StringBuilder out = new StringBuilder(Prelude.text());
        families.forEach(f -> out.append(Prelude.resource(f)));
        sources.values().forEach(out::append);
        return out.toString();
    }
}
