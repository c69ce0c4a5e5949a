package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.Optional;
import java.util.Set;

/**
 * Copies, conversions and views whose result is of the same type as their input {@code -> } the input: {@code contiguous} of
 * what is contiguous, {@code expand} to the sizes it has, a slice of everything, dropout in inference. Exact: these
 * operators move elements only, and one that keeps element type, sizes and strides keeps each in its place. Nobody can see
 * whether a copy was made, since static code writes nothing in place.
 */
final class DropCopy implements TensorRule {
    private static final Set<String> NAMES = Set.of("aten::clone", "aten::contiguous", "aten::to", "aten::_to_copy", "aten::type_as",
        "aten::cpu", "aten::alias", "aten::detach", "aten::lift", "aten::view", "aten::_unsafe_view", "aten::reshape", "aten::view_as",
        "aten::reshape_as", "aten::flatten", "aten::ravel", "aten::expand", "aten::expand_as", "aten::broadcast_to", "aten::squeeze",
        "aten::slice", "aten::narrow", "aten::permute", "aten::transpose", "aten::t", "aten::atleast_1d", "aten::atleast_2d",
        "aten::atleast_3d", "cresset::narrow_like", "cresset::as_type_of");
    private static final Set<String> DROPOUTS = Set.of("aten::dropout", "aten::feature_dropout", "aten::alpha_dropout",
        "aten::feature_alpha_dropout");

    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        boolean drops = NAMES.contains(node.kind()) || DROPOUTS.contains(node.kind()) && isInference(node, facts);
        return drops && TensorFacts.isSameType(node.input(0), node.output()) ? Optional.of(node.input(0)) : Optional.empty();
    }

    private static boolean isInference(Node node, TensorFacts facts) {
        return facts.isConstant(node.input(2)) && Boolean.FALSE.equals(facts.constant(node.input(2)));
    }
}
