package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;
import java.util.Optional;

/**
 * batch_norm in inference with constant statistics {@code ->} {@code x · scale + shift}. Exact: the operator computes the
 * same numbers for each channel in double precision, rounds them to the type and then multiplies and adds in it. For float32
 * and float64; narrower types would be rounded between the two.
 */
final class ScaleInsteadOfBatchNorm implements TensorRule {
    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        if (!node.is("aten::batch_norm")) return Optional.empty();
        ScalarType type = TensorFacts.type(node.output()).dtype();
        boolean fits = (type == ScalarType.FLOAT32 || type == ScalarType.FLOAT64)
            && node.inputs().stream().skip(1).allMatch(facts::isConstant) && Boolean.FALSE.equals(facts.constant(node.input(5)));
        return fits ? affine(node, facts, type) : Optional.empty();
    }

    private static Optional<Value> affine(Node node, TensorFacts facts, ScalarType type) {
        double[] weight = elements(facts.constant(node.input(1)));
        double[] bias = elements(facts.constant(node.input(2)));
        double[] mean = elements(facts.constant(node.input(3)));
        double[] variance = elements(facts.constant(node.input(4)));
        double eps = facts.number(node.input(7)).orElseThrow();
        double[] scale = new double[mean.length];
        double[] shift = new double[mean.length];
        for (int c = 0; c < mean.length; c++) {
            scale[c] = (weight == null ? 1 : weight[c]) / Math.sqrt(variance[c] + eps);
            shift[c] = (bias == null ? 0 : bias[c]) - mean[c] * scale[c];
        }
        int rank = TensorFacts.sizes(node.output()).length;
        return facts.make(node.location(), "aten::mul.Tensor", node.input(0), facts.constant(vector(scale, type, rank), node.location()))
            .flatMap(y -> facts.make(node.location(), "aten::add.Tensor", y, facts.constant(vector(shift, type, rank), node.location())));
    }

    private static double[] elements(Object tensor) { return tensor == null ? null : ((Tensor) tensor).toDoubleArray(); }

    /** Sizes that broadcast over channels, which are dimension 1. */
    private static Tensor vector(double[] v, ScalarType type, int rank) {
        long[] sizes = new long[rank - 1];
        java.util.Arrays.fill(sizes, 1);
        sizes[0] = v.length;
        if (type == ScalarType.FLOAT64) return Tensor.of(v, sizes);
        float[] floats = new float[v.length];
        for (int i = 0; i < v.length; i++) floats[i] = (float) v[i];
        return Tensor.of(floats, sizes);
    }
}
