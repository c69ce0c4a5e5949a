package dev.cresset.ir.archive.pickle;

/** How a quantized tensor is scaled, as pickles name it. */
public enum QScheme {
    PER_TENSOR_AFFINE, PER_CHANNEL_AFFINE, PER_TENSOR_SYMMETRIC, PER_CHANNEL_SYMMETRIC, PER_CHANNEL_AFFINE_FLOAT_QPARAMS
}
