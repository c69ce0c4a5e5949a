package dev.cresset.kernels.expr;

/**
 * How the types of the inputs of a pointwise operator give the type it computes in and the type of its result. "Common"
 * is PyTorch's type promotion over all tensor and number inputs, with its three ranks: dimensioned tensors before 0-dim
 * tensors before numbers.
 */
public enum Promotion {
    /** Computes in the common type, which is also the result's. */
    COMMON,
    /** As COMMON, with integers and bool becoming float32. */
    COMMON_FLOAT,
    /** Computes in the common type; the result is bool. */
    COMMON_TO_BOOL,
    /** Computes in the first tensor's type, whatever the other inputs are; the result's type too. */
    FIRST,
    /** As FIRST, with integers and bool becoming float32. */
    FIRST_FLOAT,
    /** Computes in the first tensor's type; the result is bool. */
    FIRST_TO_BOOL,
    /** Each input as bool (non-zero is true); the result is bool. */
    BOOL,
    /** As COMMON, over all inputs but the first, which is a condition read as bool: where. */
    COMMON_AFTER_CONDITION,
    /** As COMMON; a complex result becomes its real type: abs, real, angle. */
    COMMON_TO_REAL,
    /** Computes in the type of the first tensor; the result has the type that the rule's last cast gives. */
    FROM_RULE,
    /** As FROM_RULE, computing in the common type. */
    COMMON_FROM_RULE
}
