package dev.cresset.ir.script;

import dev.cresset.ir.type.Type;

/** A value that code refers to as {@code CONSTANTS.c0}, with its type. */
public record Constant(Object value, Type type) {}
