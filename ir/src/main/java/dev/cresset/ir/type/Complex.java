package dev.cresset.ir.type;

/** A complex number. */
public record Complex(double re, double im) {
    @Override public String toString() { return re + (im < 0 || 1 / im < 0 ? "" : "+") + im + "j"; }
}
