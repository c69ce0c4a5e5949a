package dev.cresset.kernels.fuse;

import java.util.List;

/** What an operator's results are in terms of its arguments. A pure function; see {@link FusionRules} for all of them. */
@FunctionalInterface
interface FusionRule {
    /**
     * One term for each result, null for one that only the operator itself can give; for a list result its elements.
     *
     * @throws CannotFuse if this call is not one that the rule covers
     */
    List<Term> apply(OperatorCall call);
}
