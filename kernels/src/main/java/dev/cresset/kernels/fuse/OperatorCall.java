package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.List;

/** A node that calls an operator, as a fusion rule sees it: tensor arguments as terms, all others as constants. */
final class OperatorCall {
    private final Node node;
    private final Definitions known;

    OperatorCall(Node node, Definitions known) {
        this.node = node;
        this.known = known;
    }

    Operator operator() { return (Operator) node.operator(); }

    /** Of how many rows products may be. */
    long productRows() { return known.productRows(); }

    int size() { return node.inputs().size(); }

    boolean isNone(int i) {
        return node.input(i).type() == SimpleType.NONE || known.isConstant(node.input(i)) && known.constant(node.input(i)) == null;
    }

    boolean isTensor(int i) { return node.input(i).type() instanceof TensorType; }

    /** Tensor argument i. */
    Term in(int i) { return source(node.input(i)); }

    /** Tensor argument i, or null for None. */
    Term inOrNull(int i) { return isNone(i) ? null : in(i); }

    /** The tensors of list argument i. */
    List<Term> tensors(int i) { return known.elements(node.input(i)).stream().map(OperatorCall::source).toList(); }

    private static Term source(Value v) {
        TensorType t = Definitions.type(v);
        return new Term.Source(v, t.dtype(), Definitions.sizes(t));
    }

    /** Argument i, which is no tensor. */
    Object constant(int i) {
        if (!known.isConstant(node.input(i))) throw new CannotFuse("an argument that is not constant");
        return known.constant(node.input(i));
    }

    boolean bool(int i) { return (Boolean) constant(i); }

    long int64(int i) { return constant(i) instanceof Boolean b ? (b ? 1 : 0) : (Long) constant(i); }

    double float64(int i) {
        return switch (constant(i)) {
            case Long l -> l;
            case Double d -> d;
            case Boolean b -> b ? 1 : 0;
            default -> throw new CannotFuse("an argument that is not a real number");
        };
    }

    /** A list of ints, null for None. */
    long[] longs(int i) {
        return switch (constant(i)) {
            case null -> null;
            case Long l -> new long[] {l};
            case List<?> items -> items.stream().mapToLong(o -> (Long) o).toArray();
            default -> throw new CannotFuse("an argument that is not a list of ints");
        };
    }

    TensorType result(int k) { return Definitions.type(node.outputs().get(k)); }

    long[] sizes(int k) { return Definitions.sizes(result(k)); }

    ScalarType type(int k) { return result(k).dtype(); }

    /** All arguments as run-time values: row-major tensors without memory, constants. */
    Object[] values() { return node.inputs().stream().map(this::value).toArray(); }

    private Object value(Value v) {
        if (v.type() instanceof TensorType) return rowMajor(v);
        if (known.isConstant(v)) return Definitions.runtime(known.constant(v), v.type());
        return ScriptList.ofTensors(known.elements(v).stream().map(OperatorCall::rowMajor).toList());
    }

    private static Tensor rowMajor(Value v) {
        TensorType t = Definitions.type(v);
        long[] sizes = Definitions.sizes(t);
        return MetaExecution.tensor(TensorType.of(t.dtype(), t.device(), sizes, Shapes.contiguousStrides(sizes), false));
    }

    /** What the operator gives for {@link #values}. @throws CannotFuse if that is not known without elements */
    Object run() { return known.meta().run(operator(), values()).orElseThrow(() -> new CannotFuse("not elementwise")).value(); }
}
