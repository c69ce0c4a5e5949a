package dev.cresset.ir.rewrite;

/** A pass as a pipeline lists it. @param name lower case with dashes, as flags and dumps name it: {@code inline} */
public record NamedPass(String name, Pass pass) {}
