package dev.cresset.kernels.fuse;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.Leaves;
import dev.cresset.kernels.fuse.LoopNest.Operand;
import dev.cresset.kernels.fuse.LoopNest.Result;
import dev.cresset.tensor.Shapes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A loop nest that sums products of two operands, of which one differs from row to row of a matrix C and the other from column to
 * column: {@code C[i, j] = Σ A[i, k] · B[j, k]}, and what it makes of C's elements.
 *
 * @param type    of the elements of both: float32, float16 or bfloat16
 * @param a,b     which of the nest's inputs they are; elements of a row lie side by side
 * @param aRow,bRow elements from one row to the next
 * @param epilogue  a nest without reductions over C's elements, row-major: its first input is C, float32, one element after the other
 * @param others  of each further input of the epilogue: which of the nest's inputs it is
 */
public record TiledProduct(ScalarType type, int a, int b, long rows, long columns, long depth, long aRow, long bRow, LoopNest epilogue, List<Integer> others) {
    public TiledProduct { others = List.copyOf(others); }

    /** A nest as a product; null if it is none. */
    public static TiledProduct of(LoopNest nest) {
        if (nest.reductions().size() != 1 || nest.reductions().getFirst().fold() != LoopNest.Fold.SUM) return null;
        if (!(nest.reductions().getFirst().value() instanceof Expr.Binary(BinaryFn fn, Expr x, Expr y)) || fn != BinaryFn.MUL) return null;
        if (!(factor(x) instanceof Expr.Load left) || !(factor(y) instanceof Expr.Load right) || left.type() != right.type()) return null;
        boolean known = left.type() == ScalarType.FLOAT32 || left.type() == ScalarType.FLOAT16 || left.type() == ScalarType.BFLOAT16;
        return known ? new Finder(nest).found(left, right) : null;
    }

    /** The same with roles decided by the innermost dimension, along which results are written: it is one of the columns. */
    private record Finder(LoopNest nest) {
        TiledProduct found(Expr.Load left, Expr.Load right) {
            int last = nest.sizes().length - 1, inner = last - 1;
            while (inner >= 0 && nest.sizes()[inner] == 1) inner--;
            if (inner < 0) return null;
            boolean swap = strides(left)[inner] != 0;
            Expr.Load a = swap ? right : left, b = swap ? left : right;
            List<Integer> down = new ArrayList<>(), across = new ArrayList<>();
            for (int d = 0; d < last; d++) {
                if (nest.sizes()[d] == 1) continue;
                boolean ofA = strides(a)[d] != 0, ofB = strides(b)[d] != 0;
                if (ofA == ofB) return null;
                (ofA ? down : across).add(d);
            }
            long aRow = step(down, strides(a)), bRow = step(across, strides(b));
            if (aRow < 0 || bRow < 0 || strides(a)[last] != 1 || strides(b)[last] != 1) return null;
            List<Integer> order = new ArrayList<>(down);
            order.addAll(across);
            return product(a, b, aRow, bRow, numel(down), numel(across), order);
        }

        private long[] strides(Expr.Load l) { return nest.inputs().get(l.input()).strides(); }

        private long numel(List<Integer> dims) { return dims.stream().mapToLong(d -> nest.sizes()[d]).reduce(1, (p, q) -> p * q); }

        /** Puts dimensions in the order of a matrix's rows. @return the stride of these rows, -1 if it is not the same for all */
        private long step(List<Integer> dims, long[] strides) {
            dims.sort((p, q) -> Long.compare(strides[q], strides[p]));
            for (int i = 0; i + 1 < dims.size(); i++) {
                int outer = dims.get(i), inner = dims.get(i + 1);
                if (strides[outer] != strides[inner] * nest.sizes()[inner]) return -1;
            }
            return dims.isEmpty() ? 0 : strides[dims.getLast()];
        }

        private TiledProduct product(Expr.Load a, Expr.Load b, long aRow, long bRow, long rows, long columns, List<Integer> order) {
            long[] sizes = order.stream().mapToLong(d -> nest.sizes()[d]).toArray();
            List<Operand> inputs = new ArrayList<>(List.of(new Operand(ScalarType.FLOAT32, 0, Shapes.contiguousStrides(sizes))));
            List<Integer> others = new ArrayList<>();
            Leaves leaves = new Leaves(e -> switch (e) {
                case Expr.Load l -> new Expr.Load(1 + other(l.input(), others), l.type());
                case Expr.Reduced r -> new Expr.Load(0, r.type());
                default -> e;
            });
            List<Result> results = new ArrayList<>();
            for (Result r : nest.results()) {
                for (int d : order) if (r.strides()[d] == 0) return null;
                results.add(new Result(r.type(), r.offset(), picked(r.strides(), order), leaves.in(r.value())));
            }
            for (int i : others) {
                Operand o = nest.inputs().get(i);
                if (o.strides()[nest.sizes().length - 1] != 0) return null;
                inputs.add(new Operand(o.type(), o.offset(), picked(o.strides(), order)));
            }
            return new TiledProduct(a.type(), a.input(), b.input(), rows, columns, nest.rowLength(), aRow, bRow, new LoopNest(sizes, inputs, List.of(), results), others);
        }

        private static int other(int input, List<Integer> others) {
            if (!others.contains(input)) others.add(input);
            return others.indexOf(input);
        }

        private static long[] picked(long[] strides, List<Integer> order) { return order.stream().mapToLong(d -> strides[d]).toArray(); }
    }

    /** The operand behind the conversion to what sums are in. */
    private static Expr factor(Expr e) { return e instanceof Expr.Cast(Expr x, ScalarType t) && t == ScalarType.FLOAT32 ? x : e; }

    /** The epilogue over several parts of the sums, each a C of its own, one after the other: its first inputs, which it adds up in their order. */
    public LoopNest joined(int parts) {
        Operand c = epilogue.inputs().getFirst();
        List<Operand> inputs = new ArrayList<>();
        IntStream.range(0, parts).forEach(s -> inputs.add(new Operand(c.type(), s * rows * columns, c.strides())));
        inputs.addAll(epilogue.inputs().subList(1, epilogue.inputs().size()));
        Expr sum = new Expr.Load(0, c.type());
        for (int s = 1; s < parts; s++) sum = sum.add(new Expr.Load(s, c.type()));
        Expr all = sum;
        Leaves leaves = new Leaves(e -> !(e instanceof Expr.Load l) ? e : l.input() == 0 ? all : new Expr.Load(l.input() + parts - 1, l.type()));
        return new LoopNest(epilogue.sizes(), inputs, List.of(),
            epilogue.results().stream().map(r -> new Result(r.type(), r.offset(), r.strides(), leaves.in(r.value()))).toList());
    }
}
