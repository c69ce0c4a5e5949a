package dev.cresset.kernels.fuse;

import static java.util.Map.entry;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Operator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which operators become terms, and how: pointwise ones by their own expression, the others by a rule in this table. */
final class FusionRules {
    private static final List<String> VIEWS = List.of("view", "view_as", "_unsafe_view", "reshape", "reshape_as", "ravel",
        "flatten.using_ints", "unflatten.int", "expand", "expand_as", "broadcast_to", "alias", "detach", "squeeze", "squeeze.dim",
        "unsqueeze", "atleast_1d", "atleast_2d", "atleast_3d", "select.int", "slice.Tensor", "narrow", "diagonal", "unfold",
        "transpose.int", "swapaxes", "swapdims", "permute", "movedim.int", "movedim.intlist", "moveaxis.int", "moveaxis.intlist", "t",
        "numpy_T", "mT", "chunk", "unsafe_chunk", "split.Tensor", "unsafe_split.Tensor", "split_with_sizes",
        "unsafe_split_with_sizes", "split.sizes", "tensor_split.sections", "tensor_split.indices", "hsplit.int", "hsplit.array",
        "vsplit.int", "vsplit.array", "dsplit.int", "dsplit.array", "unbind.int");
    private static final List<String> COPIES = List.of("clone", "contiguous", "to.device", "to.dtype", "to.other", "to.dtype_layout",
        "to.prim_Device", "to.prim_dtype", "to.prim_other", "_to_copy", "type_as", "cpu", "_cast_Byte", "_cast_Char", "_cast_Double",
        "_cast_Float", "_cast_Half", "_cast_Int", "_cast_Long", "_cast_Short");
    private static final List<String> DROPOUTS = List.of("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout");

    private static final Map<String, FusionRule> TABLE = table();

    private FusionRules() {}

    /** The rule of an operator. @param products whether those of products count @throws CannotFuse if there is none */
    static FusionRule of(Operator o, boolean products) {
        String name = o.schema().qualifiedName();
        FusionRule rule = products && ProductRules.TABLE.containsKey(name) ? ProductRules.TABLE.get(name) : TABLE.get(name);
        if (rule != null) return rule;
        if (o.body() instanceof Body.Pointwise && !o.schema().mutates()) return FusionRules::elementwise;
        throw new CannotFuse("not elementwise");
    }

    private static Map<String, FusionRule> table() {
        Map<String, FusionRule> out = new HashMap<>();
        for (String name : VIEWS) out.put("aten::" + name, ViewRule::apply);
        for (String name : COPIES) out.put("aten::" + name, c -> List.of(c.in(0).map(Term.load(0, c.in(0)).to(c.type(0)))));
        for (String name : DROPOUTS) out.put("aten::" + name, FusionRules::dropout);
        out.putAll(NormRules.TABLE);
        out.putAll(ReductionRules.TABLE);
        out.putAll(JoinRules.TABLE);
        out.putAll(Map.ofEntries(
            entry("aten::glu", FusionRules::glu),
            entry("aten::prelu", FusionRules::prelu),
            entry("aten::zeros", c -> List.of(new Term.Uniform(zero(c), c.type(0), c.sizes(0)))),
            entry("aten::ones", c -> List.of(new Term.Uniform(one(c), c.type(0), c.sizes(0)))),
            entry("aten::zeros_like", c -> List.of(new Term.Uniform(zero(c), c.type(0), c.sizes(0)))),
            entry("aten::ones_like", c -> List.of(new Term.Uniform(one(c), c.type(0), c.sizes(0))))));
        return Map.copyOf(out);
    }

    private static Object zero(OperatorCall c) { return c.type(0).isIntegral() ? (Object) 0L : (Object) 0.0; }

    private static Object one(OperatorCall c) { return c.type(0).isIntegral() ? (Object) 1L : (Object) 1.0; }

    /** An operator that is an expression already. */
    private static List<Term> elementwise(OperatorCall c) {
        List<Term> operands = new ArrayList<>();
        for (int i = 0; i < c.size(); i++) operands.add(c.isTensor(i) ? c.in(i) : null);
        try {
            Expr e = c.operator().expression(new Args(null, c.values()));
            Hazards.check(e);
            return List.of(new Term.Map(e.to(c.type(0)), operands, c.sizes(0)));
        } catch (ScriptError e) {
            throw new CannotFuse("it fails when it runs");
        }
    }

    /** In inference: the input. */
    private static List<Term> dropout(OperatorCall c) {
        if (c.bool(2) && c.float64(1) > 0) throw new CannotFuse("random numbers");
        return List.of(c.in(0).map(Term.load(0, c.in(0))));
    }

    /** The first half of a dimension times the sigmoid of the second. */
    private static List<Term> glu(OperatorCall c) {
        Term x = c.in(0);
        int rank = x.sizes().length;
        int dim = dev.cresset.tensor.Shapes.wrapDim(c.int64(1), rank);
        long[] strides = dev.cresset.tensor.Shapes.contiguousStrides(x.sizes());
        Term value = new Term.View(x, 0, strides, c.sizes(0));
        Term gate = new Term.View(x, c.sizes(0)[dim] * strides[dim], strides, c.sizes(0));
        Expr sigmoid = Term.load(1, x).sigmoid().to(x.type());
        return List.of(value.map(Term.load(0, x).mul(sigmoid).to(x.type()), gate));
    }

    /** {@code x > 0 ? x : x · weight}, the weight being one number or one for each channel. */
    private static List<Term> prelu(OperatorCall c) {
        Term x = c.in(0);
        Term w = c.in(1);
        if (x.type() != w.type()) throw new CannotFuse("mixed types");
        Term weight = w.numel() == 1 ? w.reshaped() : w.reshaped(Channels.shape(w.numel(), x.sizes().length));
        Expr product = Term.load(0, x).mul(Term.load(1, w)).to(x.type());
        return List.of(x.map(Term.load(0, x).gt(0).select(Term.load(0, x), product).to(x.type()), weight));
    }
}
