package dev.cresset.kernels.op;

import dev.cresset.ir.type.ScalarType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * How exactly a device computes what a program has in float32. With TF32, which keeps ten bits of the fraction, NVIDIA's tensor cores
 * multiply several times faster from sm_80 on, with 16 bits faster still. Sums are float32 in each case, and the host always computes
 * with all of float32.
 *
 * <p>Note [Programs in 16 bits]. {@link #FP16} and {@link #BF16} do what {@code model.half()} does in PyTorch, and make every program run
 * that way: float32 parameters and buffers are rounded when the program is loaded, float32 tensors among arguments when it is called,
 * and 16-bit tensors among results become float32 again. Constants of the code, plain attributes, and what the program makes itself
 * keep their type, so a program that goes back to float32 for a sum of squares does so here, too. Where both types meet, operators
 * promote as PyTorch's do; those that PyTorch refuses to run on both, products, convolutions, recurrent layers and writes at indices
 * ({@code NarrowOperands}), get the float32 operand rounded.
 */
public enum Precision {
    /** As exact as PyTorch is unless told otherwise: TF32 in convolutions and recurrent layers, not in matrix products. */
    PYTORCH(true, false, null),
    /** No tensor cores for float32: {@code torch.backends.cudnn.allow_tf32 = False}. */
    FP32(false, false, null),
    /** TF32 in matrix products, too: {@code torch.backends.cuda.matmul.allow_tf32 = True}. */
    TF32(true, true, null),
    /** Weights and activations in float16: eleven bits, up to 65504. */
    FP16(true, false, ScalarType.FLOAT16),
    /** Weights and activations in bfloat16: eight bits, with the range of float32. */
    BF16(true, false, ScalarType.BFLOAT16);

    private final boolean layers;
    private final boolean products;
    private final ScalarType narrow;

    Precision(boolean layers, boolean products, ScalarType narrow) {
        this.layers = layers;
        this.products = products;
        this.narrow = narrow;
    }

    /** Whether cuDNN's convolutions and recurrent layers may round float32 operands to TF32. */
    public boolean tf32InLayers() { return layers; }

    /** Whether matrix products may. */
    public boolean tf32InProducts() { return products; }

    /**
     * Whether a product of float32 may be three products of parts of its operands by tensor cores, about as far from the exact result as
     * one by multiplications and additions of float32 is, but not by the same roundings.
     */
    public boolean splitsProducts() { return !products && this != FP32; }

    /** The type of 16 bits that stands for float32; null if none does. */
    public ScalarType narrow() { return narrow; }

    /** The type inside of calls of what the caller has in a type. */
    public ScalarType inside(ScalarType given) { return narrow != null && given == ScalarType.FLOAT32 ? narrow : given; }

    /** The type that the caller gets of what has a type inside of a call. */
    public ScalarType outside(ScalarType computed) { return computed == narrow ? ScalarType.FLOAT32 : computed; }

    /**
     * How far a result may be from what all of float32 gives, as a share of its largest element: some ten times what one rounding of
     * an operand changes.
     */
    public double tolerance() {
        return switch (this) {
            case FP32 -> 0;
            case PYTORCH, TF32 -> 0.005;
            case FP16 -> 0.01;
            case BF16 -> 0.05;
        };
    }

    /** As options have it: {@code pytorch}, {@code fp32}, {@code tf32}, {@code fp16}, {@code bf16}. */
    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }

    /** By its name, as options have it. */
    public static Optional<Precision> named(String name) { return Arrays.stream(values()).filter(p -> p.toString().equals(name)).findFirst(); }

    /** All names, for messages. */
    public static String names() { return String.join(", ", Arrays.stream(values()).map(Precision::toString).toList()); }
}
