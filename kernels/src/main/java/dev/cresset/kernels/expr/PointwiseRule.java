package dev.cresset.kernels.expr;

/** Builds the expression of a pointwise operator for given argument types. A pure function. */
@FunctionalInterface
public interface PointwiseRule {
    Expr build(PointwiseArgs p);
}
