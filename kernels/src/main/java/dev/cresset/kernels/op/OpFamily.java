package dev.cresset.kernels.op;

/** A group of operators declared together, one statement each. */
@FunctionalInterface
public interface OpFamily {
    void declare(Catalog ops);
}
