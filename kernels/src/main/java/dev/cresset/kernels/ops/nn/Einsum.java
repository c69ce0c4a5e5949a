package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An equation of einsum with its operands. Every label is a number: letters by their place in the alphabet, dimensions of
 * an ellipsis from 52 on, counted from the right. Operands are brought to one order of labels and multiplied two by two.
 */
final class Einsum {
    private static final int ELLIPSIS = 52;

    private final List<List<Integer>> labels = new ArrayList<>();
    private final List<Tensor> operands;
    private final List<Integer> result;

    private Einsum(List<Tensor> operands, List<Integer> result) {
        this.operands = operands;
        this.result = result;
    }

    static Einsum of(String equation, List<Tensor> operands) {
        String text = equation.replace(" ", "");
        int arrow = text.indexOf("->");
        String[] left = (arrow < 0 ? text : text.substring(0, arrow)).split(",", -1);
        if (left.length != operands.size()) {
            throw new ScriptError("einsum(): " + (left.length > operands.size() ? "more" : "fewer") + " operands were provided than "
                + "specified in the equation: " + equation + " and " + operands.size() + " tensors");
        }
        List<List<Integer>> all = new ArrayList<>();
        int dots = 0;
        for (int i = 0; i < left.length; i++) {
            List<Integer> l = parse(left[i], operands.get(i).dim(), 0, equation);
            all.add(l);
            for (int x : l) dots = Math.max(dots, x - ELLIPSIS + 1);
        }
        List<Integer> result = arrow < 0 ? implied(all, dots) : parse(text.substring(arrow + 2), -1, dots, equation);
        for (int l : result) {
            if (all.stream().noneMatch(o -> o.contains(l))) {
                throw new ScriptError("einsum(): output subscript " + name(l) + " does not appear in the equation for any input operand");
            }
            if (result.indexOf(l) != result.lastIndexOf(l)) {
                throw new ScriptError("einsum(): output subscript " + name(l) + " appears more than once in the output");
            }
        }
        Einsum e = new Einsum(operands, result);
        e.labels.addAll(all);
        return e;
    }

    /** @param rank of the operand, which the labels must fill; if negative, the ellipsis has {@code ellipsis} dimensions */
    private static List<Integer> parse(String term, int rank, int ellipsis, String equation) {
        int at = term.indexOf("...");
        int named = (int) term.chars().filter(Character::isLetter).count();
        int dots = at < 0 ? 0 : rank < 0 ? ellipsis : rank - named;
        if (term.length() != named + (at < 0 ? 0 : 3)) throw new ScriptError("einsum(): invalid subscript given in " + equation);
        if (rank >= 0 && (at < 0 ? named != rank : dots < 0)) {
            throw new ScriptError("einsum(): the number of subscripts in the equation (" + named + ") does not match the number of "
                + "dimensions (" + rank + ") for an operand");
        }
        List<Integer> out = new ArrayList<>();
        for (int i = 0; i < term.length(); i++) {
            char c = term.charAt(i);
            if (i == at) for (int d = dots - 1; d >= 0; d--) out.add(ELLIPSIS + d);
            if (c != '.') out.add(Character.isUpperCase(c) ? c - 'A' : c - 'a' + 26);
        }
        return out;
    }

    /** The dimensions of the ellipsis, then what appears once, by name. */
    private static List<Integer> implied(List<List<Integer>> all, int dots) {
        List<Integer> out = new ArrayList<>();
        for (int d = dots - 1; d >= 0; d--) out.add(ELLIPSIS + d);
        for (int l = 0; l < ELLIPSIS; l++) {
            int label = l;
            if (all.stream().flatMap(List::stream).filter(x -> x == label).count() == 1) out.add(l);
        }
        return out;
    }

    private static String name(int label) {
        return label >= ELLIPSIS ? "..." : String.valueOf((char) (label < 26 ? 'A' + label : 'a' + label - 26));
    }

    Tensor run(CallContext c) {
        // all labels: first those of the result, then the summed ones
        List<Integer> order = new ArrayList<>(result);
        for (List<Integer> l : labels) for (int x : l) if (!order.contains(x)) order.add(x);
        Tensor[] aligned = new Tensor[operands.size()];
        long[] size = new long[order.size()];
        Arrays.fill(size, 1);
        for (int i = 0; i < aligned.length; i++) {
            aligned[i] = align(operands.get(i), labels.get(i), order);
            for (int d = 0; d < size.length; d++) size[d] = merge(size[d], aligned[i].sizes()[d], order.get(d));
        }
        int kept = result.size();
        Tensor out = aligned[0];
        for (int i = 1; i < aligned.length; i++) {
            boolean[] summed = new boolean[size.length];
            for (int d = kept; d < size.length; d++) {
                summed[d] = true;
                for (int later = i + 1; later < aligned.length; later++) summed[d] &= aligned[later].sizes()[d] == 1;
            }
            out = contract(c, out, aligned[i], summed);
        }
        if (aligned.length == 1) out = sumAll(c, out, kept);
        return Views.view(c.tensor("aten::contiguous", out), Arrays.copyOf(out.sizes(), kept));
    }

    private static long merge(long known, long size, int label) {
        if (known != size && known != 1 && size != 1) {
            throw new ScriptError("einsum(): subscript " + name(label) + " has size " + size + " for an operand which does not broadcast "
                + "with previously seen size " + known);
        }
        return Math.max(known == 0 ? 0 : known, size == 0 || known == 0 ? 0 : size);
    }

    /** The operand with one dimension for each label of the order, of size 1 where it has none; repeated labels give diagonals. */
    private static Tensor align(Tensor t, List<Integer> own, List<Integer> order) {
        long[] sizes = new long[order.size()], strides = new long[order.size()];
        Arrays.fill(sizes, 1);
        for (int d = 0; d < own.size(); d++) {
            int at = order.indexOf(own.get(d));
            if (own.indexOf(own.get(d)) != d && sizes[at] != t.sizes()[d]) {
                throw new ScriptError("einsum(): subscript " + name(own.get(d)) + " is repeated for an operand but the sizes don't match, "
                    + t.sizes()[d] + " != " + sizes[at]);
            }
            sizes[at] = t.sizes()[d];
            strides[at] += t.strides()[d];
        }
        return t.view(sizes, strides);
    }

    private static Tensor sumAll(CallContext c, Tensor t, int kept) {
        if (kept == t.dim()) return t;
        long[] dims = new long[t.dim() - kept];
        for (int d = 0; d < dims.length; d++) dims[d] = kept + d;
        return c.tensor("aten::sum.dim_IntList", t, dims, true, null);
    }

    /** Multiplies and sums over the marked dimensions, which keep size 1. */
    private static Tensor contract(CallContext c, Tensor x, Tensor y, boolean[] summed) {
        List<Long> batch = new ArrayList<>(), left = new ArrayList<>(), right = new ArrayList<>(), inner = new ArrayList<>();
        List<Long> xAlone = new ArrayList<>(), yAlone = new ArrayList<>();
        for (int d = 0; d < summed.length; d++) {
            boolean inX = x.sizes()[d] != 1, inY = y.sizes()[d] != 1;
            if (inX && inY) (summed[d] ? inner : batch).add((long) d);
            else if (inX) (summed[d] ? xAlone : left).add((long) d);
            else if (inY) (summed[d] ? yAlone : right).add((long) d);
            else left.add((long) d);
        }
        if (!xAlone.isEmpty()) x = c.tensor("aten::sum.dim_IntList", x, longs(xAlone), true, null);
        if (!yAlone.isEmpty()) y = c.tensor("aten::sum.dim_IntList", y, longs(yAlone), true, null);
        long b = count(x, batch), m = count(x, left), k = count(x, inner), n = count(y, right);
        Tensor p = c.tensor("aten::reshape", Views.permute(x, join(batch, left, inner, right, xAlone, yAlone)), new long[] {b, m, k});
        Tensor q = c.tensor("aten::reshape", Views.permute(y, join(batch, inner, right, left, xAlone, yAlone)), new long[] {b, k, n});
        Tensor product = c.tensor("aten::bmm", p, q);
        long[] order = join(batch, left, right, inner, xAlone, yAlone);
        long[] shape = new long[order.length], back = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            int d = (int) order[i];
            shape[i] = i >= batch.size() + left.size() + right.size() ? 1 : Math.min(x.sizes()[d], y.sizes()[d]) == 0 ? 0
                : Math.max(x.sizes()[d], y.sizes()[d]);
            back[d] = i;
        }
        return Views.permute(Views.view(product, shape), back);
    }

    private static long count(Tensor t, List<Long> dims) {
        long n = 1;
        for (long d : dims) n *= t.sizes()[(int) d];
        return n;
    }

    private static long[] longs(List<Long> v) { return v.stream().mapToLong(Long::longValue).toArray(); }

    @SafeVarargs
    private static long[] join(List<Long>... parts) { return Arrays.stream(parts).flatMap(List::stream).mapToLong(Long::longValue).toArray(); }
}
