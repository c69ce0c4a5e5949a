package dev.cresset.bench.differential.program;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.ScalarType.Category;
import java.util.ArrayList;
import java.util.List;

/**
 * What a random program's author knows of a tensor variable.
 *
 * @param exact whether its elements are free of rounding, whoever computes them: only such values may decide a branch or go
 *              into an operator that jumps (a comparison, {@code floor})
 */
public record TensorKind(ScalarType dtype, List<Dim> shape, boolean exact) {
    TensorKind withShape(List<Dim> other) { return new TensorKind(dtype, List.copyOf(other), exact); }

    TensorKind withDtype(ScalarType other) { return new TensorKind(other, shape, exact); }

    TensorKind rounded() { return new TensorKind(dtype, shape, exact && !dtype.isFloating()); }

    boolean floating() { return dtype.isFloating(); }

    int rank() { return shape.size(); }

    /** The last size but i. */
    Dim last(int i) { return shape.get(rank() - 1 - i); }

    Dim numel() { return shape.stream().reduce(Dim.of(1), Dim::times); }

    boolean constantShape() { return shape.stream().allMatch(Dim::isConstant); }

    /** The shape of {@code a op b}, null if they do not broadcast at every call. */
    static List<Dim> broadcast(List<Dim> a, List<Dim> b) {
        List<Dim> out = new ArrayList<>();
        int rank = Math.max(a.size(), b.size());
        for (int i = 0; i < rank; i++) {
            Dim x = i < rank - a.size() ? Dim.of(1) : a.get(i - rank + a.size());
            Dim y = i < rank - b.size() ? Dim.of(1) : b.get(i - rank + b.size());
            if (!x.equals(y) && !x.is(1) && !y.is(1)) return null;
            out.add(x.is(1) ? y : x);
        }
        return List.copyOf(out);
    }

    /** PyTorch's promotion: tensors with dimensions before tensors without, within that the wider type. */
    static ScalarType promote(TensorKind a, TensorKind b) {
        if (a.rank() > 0 == b.rank() > 0 || a.dtype.category() != b.dtype.category()) {
            if (a.rank() == 0 && b.rank() > 0 && b.dtype.category().compareTo(a.dtype.category()) > 0) return b.dtype;
            if (b.rank() == 0 && a.rank() > 0 && a.dtype.category().compareTo(b.dtype.category()) > 0) return a.dtype;
            return wider(a.dtype, b.dtype);
        }
        return a.rank() > 0 ? a.dtype : b.dtype;
    }

    private static ScalarType wider(ScalarType a, ScalarType b) {
        Category x = a.category(), y = b.category();
        if (x != y) return x.compareTo(y) > 0 ? a : b;
        return a.byteSize() >= b.byteSize() ? a : b;
    }
}
