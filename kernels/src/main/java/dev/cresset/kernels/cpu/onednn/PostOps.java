package dev.cresset.kernels.cpu.onednn;

import java.util.ArrayList;
import java.util.List;

/**
 * What a primitive does to each element of its result before it writes it, in order. Built by chaining:
 * {@code PostOps.NONE.sum(1).relu()} adds what the destination held and then clamps.
 */
public record PostOps(List<Op> ops) {
    /** Nothing is done. */
    public static final PostOps NONE = new PostOps(List.of());

    /** One step of the chain. */
    public sealed interface Op {
        /** A function of the element alone; {@code algorithm} is a dnnl_alg_kind_t. */
        record Eltwise(int algorithm, float alpha, float beta) implements Op {}

        /** Adds {@code scale} times what the destination held. */
        record Sum(float scale) implements Op {}

        /**
         * Combines with the element of another tensor of the same rank, sizes 1 broadcast; {@code algorithm} is a
         * dnnl_alg_kind_t.
         */
        record Binary(int algorithm, DnnLayout operand) implements Op {}
    }

    public PostOps { ops = List.copyOf(ops); }

    public PostOps relu() { return leakyRelu(0); }

    public PostOps leakyRelu(float slope) { return eltwise(Dnn.ELTWISE_RELU, slope, 0); }

    /** Limits to [low, high]; relu6 is {@code clip(0, 6)}. */
    public PostOps clip(float low, float high) { return eltwise(Dnn.ELTWISE_CLIP, low, high); }

    public PostOps tanh() { return eltwise(Dnn.ELTWISE_TANH, 0, 0); }

    public PostOps sigmoid() { return eltwise(Dnn.ELTWISE_LOGISTIC, 0, 0); }

    public PostOps elu(float alpha) { return eltwise(Dnn.ELTWISE_ELU, alpha, 0); }

    /** gelu by the error function, PyTorch's default. */
    public PostOps gelu() { return eltwise(Dnn.ELTWISE_GELU_ERF, 0, 0); }

    /** gelu by its tanh approximation. */
    public PostOps geluTanh() { return eltwise(Dnn.ELTWISE_GELU_TANH, 0, 0); }

    /** x · sigmoid(x). */
    public PostOps silu() { return eltwise(Dnn.ELTWISE_SWISH, 1, 0); }

    /** relu6(x + 3) / 6. */
    public PostOps hardsigmoid() { return eltwise(Dnn.ELTWISE_HARDSIGMOID, 1f / 6, 0.5f); }

    /** x · relu6(x + 3) / 6. */
    public PostOps hardswish() { return eltwise(Dnn.ELTWISE_HARDSWISH, 1f / 6, 0.5f); }

    /** scale · x + shift. */
    public PostOps linear(float scale, float shift) { return eltwise(Dnn.ELTWISE_LINEAR, scale, shift); }

    public PostOps sum(float scale) { return with(new Op.Sum(scale)); }

    /** Adds another tensor; with {@link DnnLayout#any} as operand the primitive says which order it wants. */
    public PostOps add(DnnLayout operand) { return with(new Op.Binary(Dnn.BINARY_ADD, operand)); }

    public PostOps multiply(DnnLayout operand) { return with(new Op.Binary(Dnn.BINARY_MUL, operand)); }

    public PostOps subtract(DnnLayout operand) { return with(new Op.Binary(Dnn.BINARY_SUB, operand)); }

    public PostOps divide(DnnLayout operand) { return with(new Op.Binary(Dnn.BINARY_DIV, operand)); }

    /** True if the result depends on what the destination held. */
    public boolean readsDestination() { return ops.stream().anyMatch(op -> op instanceof Op.Sum); }

    /** The places in the chain of the steps that take another tensor, in order. */
    int[] operandPlaces() {
        return java.util.stream.IntStream.range(0, ops.size()).filter(i -> ops.get(i) instanceof Op.Binary).toArray();
    }

    private PostOps eltwise(int algorithm, float alpha, float beta) {
        return with(new Op.Eltwise(algorithm, alpha, beta));
    }

    private PostOps with(Op op) {
        List<Op> longer = new ArrayList<>(ops);
        longer.add(op);
        return new PostOps(longer);
    }
}
