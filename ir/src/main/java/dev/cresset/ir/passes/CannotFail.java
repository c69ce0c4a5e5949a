package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import java.util.Set;

/**
 * Nodes that give a result for all inputs of their types, in a time that does not depend on them: structure, arithmetic
 * that is defined everywhere, what a tensor or container says of itself. Tensor computations are not among them, as shapes
 * need not fit, nor is {@code prim::unchecked_cast}, behind which a value may not be of its type.
 */
final class CannotFail {
    private static final Set<String> STRUCTURAL = Set.of(Kinds.CONSTANT, Kinds.LIST_CONSTRUCT, Kinds.TUPLE_CONSTRUCT,
        Kinds.TUPLE_UNPACK, Kinds.GET_ATTR, Kinds.IS_INSTANCE, Kinds.ENUM_NAME, Kinds.ENUM_VALUE);
    private static final Set<String> OPERATORS = Set.of(
        "aten::add.int", "aten::sub.int", "aten::mul.int", "aten::neg.int", "prim::max.int", "prim::min.int",
        "aten::add.float", "aten::sub.float", "aten::mul.float", "aten::neg.float", "aten::Float.int", "aten::Bool.int",
        "aten::eq.int", "aten::ne.int", "aten::lt.int", "aten::le.int", "aten::gt.int", "aten::ge.int",
        "aten::eq.float", "aten::ne.float", "aten::lt.float", "aten::le.float", "aten::gt.float", "aten::ge.float",
        "aten::eq.str", "aten::ne.str", "aten::eq.bool", "aten::ne.bool",
        "aten::__not__", "aten::__and__.bool", "aten::__or__.bool", "aten::__xor__.bool", "aten::__is__", "aten::__isnot__",
        "aten::len.t", "aten::len.str", "aten::len.Dict_str", "aten::len.Dict_int",
        "aten::dim", "aten::size", "aten::numel", "aten::is_floating_point", "prim::dtype", "prim::device", "prim::layout",
        "prim::is_cuda");

    private CannotFail() {}

    static boolean test(Node n) {
        if (n.operator() == null) return STRUCTURAL.contains(n.kind());
        return n.operator().isImplemented() && OPERATORS.contains(n.operator().schema().qualifiedName());
    }
}
