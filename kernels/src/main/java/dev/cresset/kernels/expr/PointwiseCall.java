package dev.cresset.kernels.expr;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.Resize;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** Runs a pointwise operator: type promotion, broadcasting, layout of the result, in-place and {@code out=} forms. */
public final class PointwiseCall {
    private static final int MAX_CACHED = 256;

    private final String name;
    private final Promotion promotion;
    private final PointwiseRule rule;
    private final int written;      // position of the argument that receives the result, or -1
    private final boolean isOut;    // it is an out= argument, not an input
    private final int inputs;       // number of arguments that are not out=
    private final boolean[] promotes;   // takes part in type promotion: tensors, and Scalars that are operands
    private final ConcurrentHashMap<List<Object>, TileProgram> programs = new ConcurrentHashMap<>();

    public PointwiseCall(FunctionSchema schema, Promotion promotion, PointwiseRule rule) {
        this.name = schema.name();
        this.promotion = promotion;
        this.rule = rule;
        int w = -1;
        for (int i = 0; i < schema.arguments().size(); i++) if (schema.arguments().get(i).isWritten()) w = i;
        this.written = w;
        this.isOut = w >= 0 && schema.arguments().get(w).keywordOnly();
        this.inputs = isOut ? w : schema.arguments().size();
        this.promotes = new boolean[inputs];
        for (int i = 0; i < inputs; i++) promotes[i] = isOperand(schema.arguments().get(i));
        for (Argument a : schema.arguments().subList(inputs, schema.arguments().size())) {
            if (!a.isWritten()) throw new IllegalArgumentException("an input after the output: " + schema);
        }
    }

    /** Factors such as alpha and value take the type of the operands, and ints and floats are options of the operator. */
    private static boolean isOperand(Argument a) {
        Type t = a.type() instanceof OptionalType o ? o.element() : a.type();
        return t instanceof TensorType || t == SimpleType.NUMBER && !a.keywordOnly() && !a.name().equals("alpha");
    }

    /** Runs it and returns the result: a fresh tensor, or the written argument. */
    public Tensor run(Args a) {
        ScalarType type = computeType(a);
        TileProgram program = program(a, type);
        long[] shape = broadcastShape(a);
        ScalarType resultType = resultType(type, program.type());
        ArrangedInputs arranged = ArrangedInputs.of(a, inputs, shape);
        if (arranged != null && !isOut && resultType == ScalarType.FLOAT32) return run(a, program, shape, arranged);
        Tensor out = output(a, shape, resultType);
        program.run(a, unaliased(a, out), out);
        return out;
    }

    /** The result without its elements, checked as {@link #run} does; see {@link dev.cresset.kernels.op.MetaExecution}. */
    public Tensor runMeta(Args a) {
        ScalarType type = computeType(a);
        return output(a, broadcastShape(a), resultType(type, program(a, type).type()));
    }

    /** Over channels-last memory; the result stays so. */
    private Tensor run(Args a, TileProgram program, long[] shape, ArrangedInputs arranged) {
        Tensor out = output(a, shape, ScalarType.FLOAT32);
        Tensor memory = written >= 0 ? arranged.views().get(written) : ChannelsLast.channelsMoved(ChannelsLast.arrange(out));
        program.run(a, arranged.views(), memory);
        return out;
    }

    /** A call whose types are known, made ready to run over memory that the caller provides. */
    public static final class Prepared {
        private final TileProgram program;

        private Prepared(TileProgram program) { this.program = program; }

        /**
         * Writes the result.
         *
         * @param operands the tensors among the arguments by position, null for others, and a last place for own use
         * @param out      overlaps no input other than element by element
         */
        public void run(Args a, Tensor[] operands, Tensor out) { program.run(a, operands, out); }
    }

    /** Prepares the unwritten form for arguments of these types; elements are not read. */
    public Prepared prepare(Args a) { return new Prepared(program(a, computeType(a))); }

    /**
     * What it computes at each element, with the result's type: argument i is {@code Load(i)} if it is a tensor, and part
     * of the expression if it is a number. Of tensors only the types count, so they need no memory.
     *
     * @throws ScriptError if the operator refuses these types
     */
    public Expr expression(Args a) {
        ScalarType type = computeType(a);
        Expr e = build(a, type);
        return Numbers.bind(e, a).to(resultType(type, e.type()));
    }

    /**
     * As {@link #expression}, with number arguments as {@link Expr.Param}: the same for all numbers of a kind, but for what
     * {@link PointwiseArgs} lets a rule ask.
     *
     * @throws ScriptError if the operator refuses these types
     */
    public Expr template(Args a) {
        ScalarType type = computeType(a);
        Expr e = build(a, type);
        return e.to(resultType(type, e.type()));
    }

    /** As {@link #template}, before the conversion to the result's type: what {@link #run} computes and then stores as that type. */
    public Expr value(Args a) { return build(a, computeType(a)); }

    /** The description of the result for the unwritten form; part of shape inference. */
    public Meta shape(Args a) {
        ScalarType type = computeType(a);
        return layout(a, broadcastShape(a), resultType(type, program(a, type).type()));
    }

    /** The rule's expression. Rules of real functions mix complex operands with the real results of abs and its kin. */
    private Expr build(Args a, ScalarType type) {
        try {
            return rule.build(new PointwiseArgs(a, type));
        } catch (IllegalArgumentException mixed) {
            if (!type.isComplex()) throw mixed;
            throw new ScriptError("\"" + name + "\" not implemented for '" + type.printName() + "'");
        }
    }

    // ---- types

    private ScalarType computeType(Args a) {
        return switch (promotion) {
            case COMMON, COMMON_TO_BOOL, COMMON_TO_REAL, COMMON_FROM_RULE -> common(a, 0);
            case COMMON_FLOAT -> floating(common(a, 0));
            case COMMON_AFTER_CONDITION -> common(a, 1);
            case FIRST, FIRST_TO_BOOL, FROM_RULE -> firstTensor(a).dtype();
            case FIRST_FLOAT -> floating(firstTensor(a).dtype());
            case BOOL -> ScalarType.BOOL;
        };
    }

    private ScalarType resultType(ScalarType compute, ScalarType rule) {
        return switch (promotion) {
            case COMMON, COMMON_FLOAT, COMMON_AFTER_CONDITION, FIRST, FIRST_FLOAT -> compute;
            case COMMON_TO_BOOL, FIRST_TO_BOOL, BOOL -> ScalarType.BOOL;
            case COMMON_TO_REAL -> compute.toReal();
            case FROM_RULE, COMMON_FROM_RULE -> rule;
        };
    }

    private static ScalarType floating(ScalarType t) { return t.isIntegral() ? ScalarType.FLOAT32 : t; }

    private Tensor firstTensor(Args a) {
        for (int i = 0; i < inputs; i++) if (a.get(i) instanceof Tensor t) return t;
        throw new ScriptError("expected a tensor argument");
    }

    /** PyTorch's result_type: dimensioned tensors, then 0-dim ones, then numbers; a later rank counts only with a higher category. */
    private ScalarType common(Args a, int from) {
        ScalarType dimensioned = null, zeroDim = null, number = null;
        for (int i = from; i < inputs; i++) {
            if (!promotes[i]) continue;
            switch (a.get(i)) {
                case null -> { }
                case Tensor t when t.dim() > 0 -> dimensioned = both(dimensioned, t.dtype());
                case Tensor t -> zeroDim = both(zeroDim, t.dtype());
                case Object v -> number = both(number, defaultType(v));
            }
        }
        return raise(raise(dimensioned, zeroDim), number);
    }

    private static ScalarType both(ScalarType a, ScalarType b) { return a == null ? b : ScalarType.promote(a, b); }

    private static ScalarType raise(ScalarType strong, ScalarType weak) {
        if (strong == null || weak == null) return strong == null ? weak : strong;
        if (weak.category().compareTo(strong.category()) <= 0) return strong;
        if (!weak.isComplex() || !strong.isFloating()) return weak;
        return strong == ScalarType.BFLOAT16 ? ScalarType.COMPLEX64 : strong.toComplex();
    }

    private static ScalarType defaultType(Object number) {
        return switch (numberType(number)) {
            case FLOAT64 -> ScalarType.FLOAT32;
            case COMPLEX128 -> ScalarType.COMPLEX64;
            case ScalarType t -> t;
        };
    }

    static ScalarType numberType(Object number) {
        return switch (number) {
            case Boolean _ -> ScalarType.BOOL;
            case Long _ -> ScalarType.INT64;
            case Double _ -> ScalarType.FLOAT64;
            case Complex _ -> ScalarType.COMPLEX128;
            default -> throw new IllegalArgumentException("not a number: " + number);
        };
    }

    // ---- program cache

    private TileProgram program(Args a, ScalarType type) {
        Object[] key = new Object[inputs + 1];
        key[inputs] = type;
        for (int i = 0; i < inputs; i++) {
            key[i] = switch (a.get(i)) {
                case Tensor t -> t.dtype();
                case Long l -> l == 1 ? "one" : "int";
                case Double _ -> "float";
                case Complex _ -> "complex";
                case null -> "None";
                default -> a.get(i);
            };
        }
        List<Object> k = Arrays.asList(key);
        TileProgram known = programs.get(k);
        if (known != null) return known;
        TileProgram made = TileProgram.compile(build(a, type));
        if (programs.size() < MAX_CACHED) programs.put(k, made);
        return made;
    }

    // ---- shapes and outputs

    private long[] broadcastShape(Args a) {
        long[] shape = null;
        for (int i = 0; i < inputs; i++) {
            if (a.get(i) instanceof Tensor t) shape = shape == null ? t.sizes() : Shapes.broadcast(shape, t.sizes());
        }
        return shape;
    }

    private Tensor output(Args a, long[] shape, ScalarType type) {
        if (written < 0) return a.context().empty(layout(a, shape, type));
        Tensor given = a.tensor(written);
        if (isOut) {
            if (!Arrays.equals(given.sizes(), shape)) Resize.resize(given, shape);
        } else if (!Arrays.equals(given.sizes(), shape)) {
            throw new ScriptError("output with shape " + Arrays.toString(given.sizes())
                + " doesn't match the broadcast shape " + Arrays.toString(shape));
        }
        if (!canCast(type, given.dtype())) {
            throw new ScriptError("result type " + type.printName() + " can't be cast to the desired output type "
                + given.dtype().printName());
        }
        checkOnePlaceEach(given);
        return given;
    }

    private static void checkOnePlaceEach(Tensor t) {
        for (int d = 0; d < t.dim(); d++) {
            if (t.sizes()[d] > 1 && t.strides()[d] == 0 && t.numel() > 0) {
                throw new ScriptError("unsupported operation: more than one element of the written-to tensor refers to a "
                    + "single memory location. Please clone() the tensor before performing the operation.");
            }
        }
    }

    /** Refuses what PyTorch refuses: an input of dense memory that is shifted against the dense memory written. */
    private static void checkNotShifted(Tensor in, Tensor out) {
        if (!Meta.isDense(in) || !Meta.isDense(out) || in.dtype() != out.dtype()) return;
        if (in.offset() < out.offset() + out.numel() && out.offset() < in.offset() + in.numel()) {
            throw new ScriptError("unsupported operation: some elements of the input tensor and the written-to tensor refer "
                + "to a single memory location. Please clone() the tensor before performing the operation.");
        }
    }

    /** Whether a result of type {@code from} may be stored in a given tensor: a category may not be lost. */
    private static boolean canCast(ScalarType from, ScalarType to) {
        if (from.isComplex() && !to.isComplex()) return false;
        if (from.isFloating() && to.isIntegral()) return false;
        return from == ScalarType.BOOL || to != ScalarType.BOOL;
    }

    /** The first dense input of the full shape gives the layout (channels-last stays so); else row-major. */
    private Meta layout(Args a, long[] shape, ScalarType type) {
        for (int i = 0; i < inputs; i++) {
            if (a.get(i) instanceof Tensor t && Arrays.equals(t.sizes(), shape) && Meta.isDense(t)) return Meta.like(t, type);
        }
        return Meta.of(type, shape);
    }

    /** The tensor inputs and a place for the output; those that overlap it other than element by element are copied first. */
    private Tensor[] unaliased(Args a, Tensor out) {
        Tensor[] operands = new Tensor[inputs + 1];
        for (int i = 0; i < inputs; i++) {
            if (!(a.get(i) instanceof Tensor t)) continue;
            boolean overlaps = written >= 0 && t.storage() == out.storage() && !sameView(t, out);
            if (overlaps) checkNotShifted(t, out);
            operands[i] = overlaps ? a.context().tensor("aten::clone", t) : t;
        }
        return operands;
    }

    private static boolean sameView(Tensor a, Tensor b) {
        return a == b || a.offset() == b.offset() && Arrays.equals(a.sizes(), b.sizes()) && Arrays.equals(a.strides(), b.strides())
            && a.dtype() == b.dtype();
    }
}
