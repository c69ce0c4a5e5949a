package dev.cresset.cli.input;

/** An unquoted word of the command line with the value it looks like; where a string is declared, its text counts. */
record Atom(String text, Object value) {}
