package dev.cresset.cli.output;

import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The classes a classifier found likeliest, by the softmax of its scores. */
public final class Ranking {
    /** @param label the class's name, or its number if no names are known */
    public record Place(int index, String label, double probability) {}

    private Ranking() {}

    /**
     * The first {@code count} classes for each row of scores.
     *
     * @param result a tensor of scores [classes] or [rows, classes], or a container whose first tensor is that
     * @param labels names in order; empty for none
     */
    public static List<List<Place>> of(Object result, List<String> labels, int count) {
        Tensor scores = firstTensor(result);
        if (scores == null || scores.dim() < 1 || scores.dim() > 2 || scores.numel() == 0
            || scores.dtype().isComplex()) {
            throw new IllegalArgumentException("--labels and --top need a result of scores [classes] or [images, "
                + "classes], got "
                + (scores == null ? "no tensor" : TensorSummary.shape(scores)));
        }
        int classes = (int) scores.size(-1);
        if (!labels.isEmpty() && labels.size() < classes) {
            throw new IllegalArgumentException("the labels name " + labels.size() + " classes, the result scores "
                + classes);
        }
        double[] all = scores.toDoubleArray();
        List<List<Place>> rows = new ArrayList<>();
        for (int from = 0; from < all.length; from += classes) {
            double[] row = java.util.Arrays.copyOfRange(all, from, from + classes);
            rows.add(row(row, labels, count));
        }
        return rows;
    }

    private static List<Place> row(double[] scores, List<String> labels, int count) {
        double max = java.util.Arrays.stream(scores).max().orElseThrow();
        double sum = java.util.Arrays.stream(scores).map(s -> Math.exp(s - max)).sum();
        return IntStream.range(0, scores.length).boxed().sorted(Comparator.comparingDouble(i -> -scores[i]))
            .limit(count)
            .map(i -> new Place(i, labels.isEmpty() ? "class " + i : labels.get(i), Math.exp(scores[i] - max) / sum))
                .toList();
    }

    private static Tensor firstTensor(Object value) {
        return switch (value) {
            case Tensor t -> t;
            case ScriptTuple t -> t.isEmpty() ? null : firstTensor(t.getFirst());
            case List<?> l -> l.isEmpty() ? null : firstTensor(l.getFirst());
            case Map<?, ?> m -> m.isEmpty() ? null : firstTensor(m.values().iterator().next());
            case null, default -> null;
        };
    }
}
