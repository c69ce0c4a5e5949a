package dev.cresset.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/**
 * A model of the side-by-side benchmark. Inputs are named by a label: {@code b8} is a batch of 8, {@code s64} a sequence of 64.
 *
 * @param labels the input shapes whose steady state is measured unless others are asked for; the first is the warm-up's
 * @param others the input shapes that are shown to a warm engine for the first time, one after the other
 * @param gflop  10^9 floating-point operations of matrix products and convolutions, by the label's number
 * @param mbytes 10^6 bytes that must be read and written, where that is the limit and not arithmetic; else 0
 */
public record BenchModel(String name, List<String> labels, List<String> others, DoubleUnaryOperator gflop, DoubleUnaryOperator mbytes) {
    private static final List<String> ONE = List.of("b1"), BATCHES = List.of("b3", "b5");
    private static final double LSTM = 100 * 2 * (128 + 256) * 1024 / 1e9;

    /** All models of {@code make_models.py}. */
    public static final List<BenchModel> ALL = List.of(
        computing("mlp_policy", List.of("b1", "b16"), BATCHES, n -> n * 2 * (45 * 512 + 512 * 256 + 256 * 128 + 128 * 12) / 1e9),
        computing("resnet18_traced", ONE, BATCHES, n -> 3.64 * n),
        computing("resnet18_scripted", ONE, BATCHES, n -> 3.64 * n),
        computing("densenet121_traced", ONE, BATCHES, n -> 5.67 * n),
        computing("mobilenet_v2_scripted", ONE, BATCHES, n -> 0.602 * n),
        computing("lstmcell_loop", List.of("b1", "b16"), BATCHES, n -> LSTM * n),
        computing("nn_lstm", List.of("b1", "b16"), BATCHES, n -> LSTM * n),
        computing("bert4x256", List.of("s128"), List.of("s32", "s64"), BenchModel::encoder),
        moving("pointwise", 4),
        computing("control_flow", ONE, BATCHES, n -> 40 * 2 * 64 * 64 * 64 * n / 1e9),
        computing("mm512", ONE, List.of(), n -> 2.0 * 512 * 512 * 512 / 1e9),
        computing("conv64", ONE, List.of(), n -> n * 2 * 64 * 64 * 9 * 56 * 56 / 1e9),
        moving("u_tanh", 2), moving("u_exp", 2), moving("u_sigmoid", 2), moving("u_gelu", 2));

    private static BenchModel computing(String name, List<String> labels, List<String> others, DoubleUnaryOperator gflop) {
        return new BenchModel(name, labels, others, gflop, n -> 0);
    }

    /** @param tensors how many tensors of 2^20 floats are read or written */
    private static BenchModel moving(String name, int tensors) {
        return new BenchModel(name, ONE, List.of(), n -> 0, n -> tensors * n * 4 * (1 << 20) / 1e6);
    }

    /** Four layers of width 256: four projections and two of width 1024 per token, two products of attention. */
    private static double encoder(double tokens) {
        double projections = 2 * tokens * (4 * 256 * 256 + 2 * 256 * 1024), attention = 2 * 2 * tokens * tokens * 256;
        return 4 * (projections + attention) / 1e9;
    }

    static BenchModel named(String name) {
        return ALL.stream().filter(m -> m.name.equals(name)).findFirst().orElseThrow(() -> new IllegalArgumentException(
            "there is no model '" + name + "'; known are " + ALL.stream().map(BenchModel::name).toList()));
    }

    /** @param numbers batch sizes or sequence lengths to measure, empty for the default ones */
    List<String> labels(List<Integer> numbers) {
        return numbers.isEmpty() ? labels : numbers.stream().map(n -> labels.getFirst().charAt(0) + n.toString()).toList();
    }

    /** Every label that a run needs: those measured, the one of the warm-up, and the new shapes. */
    List<String> allLabels(List<Integer> numbers) {
        return new ArrayList<>(Stream.of(labels.subList(0, 1), labels(numbers), others).flatMap(List::stream).distinct().toList());
    }

    double gflop(String label) { return gflop.applyAsDouble(number(label)); }

    double mbytes(String label) { return mbytes.applyAsDouble(number(label)); }

    private static double number(String label) { return Integer.parseInt(label.substring(1)); }
}
