package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.kernels.value.ScriptList;
import java.util.Optional;

/**
 * group_norm whose groups have several channels of several elements {@code ->} mean and variance of the groups, and a
 * pointwise part that reads them: a weight that changes within a row would keep it from becoming a kernel at all. Equal up
 * to rounding, as fusion of a reduction is: the operator computes in double precision and rounds at the end. For float32.
 */
final class SplitGroupNorm implements TensorRule {
    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        if (!node.is("aten::group_norm") || TensorFacts.type(node.output()).dtype() != ScalarType.FLOAT32) return Optional.empty();
        boolean isAffine = node.input(2).type() != SimpleType.NONE || node.input(3).type() != SimpleType.NONE;
        if (!isAffine || !facts.isConstant(node.input(1)) || !facts.isConstant(node.input(4))) return Optional.empty();
        long[] sizes = TensorFacts.sizes(node.output());
        long groups = (Long) facts.constant(node.input(1));
        boolean isWithinRows = sizes.length > 2 && sizes[1] > groups && TensorFacts.isSameType(node.input(0), node.output());
        return isWithinRows ? Optional.of(split(node, facts, sizes, groups)) : Optional.empty();
    }

    private static Value split(Node n, TensorFacts facts, long[] sizes, long groups) {
        long length = sizes[1] / groups;
        for (int d = 2; d < sizes.length; d++) length *= sizes[d];
        Maker make = new Maker(n, facts);
        Value rows = make.call("aten::view", n.input(0), ScriptList.ofLongs(sizes[0], groups, length));
        ScriptList last = ScriptList.ofLongs(-1);
        Value mean = make.call("aten::mean.dim", rows, last, true);
        Value variance = make.call("aten::var.correction", rows, last, 0L, true);
        Value rstd = make.call("aten::rsqrt", make.call("aten::add.Scalar", variance, facts.number(n.input(4)).orElseThrow(), 1L));
        Value normal = make.call("aten::mul.Tensor", make.call("aten::sub.Tensor", rows, mean), rstd);
        Value out = make.call("aten::view", normal, ScriptList.ofLongs(sizes));
        if (n.input(2).type() != SimpleType.NONE) out = make.call("aten::mul.Tensor", out, make.perChannel(n.input(2), sizes));
        if (n.input(3).type() != SimpleType.NONE) out = make.call("aten::add.Tensor", out, make.perChannel(n.input(3), sizes));
        return out;
    }

    private record Maker(Node node, TensorFacts facts) {
        Value call(String operator, Object... arguments) { return facts.make(node.location(), operator, arguments).orElseThrow(); }

        Value perChannel(Value vector, long[] sizes) {
            long[] shape = new long[sizes.length - 1];
            java.util.Arrays.fill(shape, 1);
            shape[0] = sizes[1];
            return call("aten::view", vector, ScriptList.ofLongs(shape));
        }
    }
}
