package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.Optional;

/**
 * {@code x / c -> x · (1/c)} for a power of two. Exact: both are the same real number, rounded once, as long as c and 1/c
 * are normal numbers of the type. Other divisors stay, since 1/c would be rounded first.
 */
final class MultiplyInsteadOfDivide implements TensorRule {
    private static final int LARGEST_EXPONENT = 14;   // of the narrowest type, float16

    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        if (!node.operator().schema().qualifiedName().equals("aten::div.Scalar")) return Optional.empty();
        return facts.number(node.input(1)).filter(MultiplyInsteadOfDivide::isPowerOfTwo)
            .flatMap(c -> facts.make(node.location(), "aten::mul.Scalar", node.input(0), 1 / c));
    }

    private static boolean isPowerOfTwo(double c) {
        double size = Math.abs(c);
        int e = Math.getExponent(size);
        return size != 1 && Math.abs(e) <= LARGEST_EXPONENT && size == Math.scalb(1.0, e);
    }
}
