package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.nest.Structure;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** CUDA C for loop nests and for single pointwise operators: one printer, one form of parameter. */
public final class CudaKernels {
    private CudaKernels() {}

    /** As {@link #kernelOf}, printed. */
    public static KernelText nest(LoopNest nest, boolean aligned) { return kernelOf(nest, Loops.of(nest), aligned).print(); }

    /**
     * The kernel for this nest and all others of its structure and number of dimensions that its variant takes.
     *
     * @param loops   of the nest
     * @param aligned whether the first elements of all operands, offsets included, lie at multiples of 16 bytes
     * @throws UnsupportedException if the nest folds complex numbers or has more operands than a kernel can take
     */
    public static Nest kernelOf(LoopNest nest, Loops loops, boolean aligned) { return candidates(nest, loops, aligned).getFirst(); }

    /** As {@link #kernelOf}, and behind it others, by different schedules, that may be faster for these loops. */
    public static List<Nest> candidates(LoopNest nest, Loops loops, boolean aligned) {
        Structure s = Structure.of(nest, loops);
        for (Structure.Fold f : s.folds()) {
            if (s.node(f.value()).kind() == ScalarType.COMPLEX128) {
                throw new UnsupportedException("folds of complex numbers in a CUDA kernel", List.of());
            }
        }
        Variant variant = Variant.of(s, loops, aligned);
        List<Schedule> schedules = s.folds().isEmpty() ? List.of(Schedule.ELEMENTS) : Schedule.candidates(loops);
        return schedules.stream().map(schedule -> new Nest(s, variant, schedule)).toList();
    }

    /** All that the text of a loop nest's kernel depends on: what it is found by without being printed. */
    public static final class Nest {
        private final Structure structure;
        private final Variant variant;
        private final Schedule schedule;

        private Nest(Structure structure, Variant variant, Schedule schedule) {
            this.structure = structure;
            this.variant = variant;
            this.schedule = schedule;
        }

        public KernelText print() { return new NestPrinter(structure, variant, schedule).print(); }

        @Override public boolean equals(Object other) {
            return other instanceof Nest n && structure.equals(n.structure) && variant.equals(n.variant) && schedule == n.schedule;
        }

        @Override public int hashCode() { return Objects.hash(structure, variant, schedule); }
    }

    /** A pointwise operator's expression, whose loads are numbered by argument, as the structure of a kernel with one result. */
    public static Pointwise pointwise(Expr e, ScalarType result) {
        Dag dag = new Dag();
        int value = dag.add(e);
        List<Integer> arguments = dag.nodes().stream().flatMap(n -> n.op() instanceof Dag.Op.Load(int i, ScalarType _)
            ? Stream.of(i) : Stream.empty()).distinct().sorted().toList();
        List<Dag.Node> nodes = dag.nodes().stream().map(n -> n.op() instanceof Dag.Op.Load(int i, ScalarType t)
            ? new Dag.Node(new Dag.Op.Load(arguments.indexOf(i), t), n.kind(), n.arguments()) : n).toList();
        List<Boolean> isUnit = arguments.stream().map(_ -> true).toList();
        return new Pointwise(new Structure(nodes, isUnit, List.of(), List.of(new Structure.Output(result, value, false))), arguments);
    }

    /**
     * A pointwise operator ready to be printed. Its kernels come in few variants, for a module that is compiled ahead.
     *
     * @param arguments the operator's tensor argument that each operand is; the result is the operand after them
     */
    public record Pointwise(Structure structure, List<Integer> arguments) {
        /** For operands and result of any strides (0 where they broadcast), up to {@link Variant#MAX_DIMS} dimensions. */
        public KernelText strided(boolean wide) { return print(Variant.strided(wide)); }

        /** For operands and result of one shape that lie densely in the same order, at addresses aligned to 16 bytes. */
        public KernelText contiguous(boolean wide) { return print(Variant.contiguous(structure, wide)); }

        /** For these loops alone, and others of their number of dimensions. */
        public Nest forRank(Loops loops) { return new Nest(structure, Variant.of(structure, loops, false), Schedule.ELEMENTS); }

        private KernelText print(Variant v) { return new NestPrinter(structure, v, Schedule.ELEMENTS).print(); }
    }
}
