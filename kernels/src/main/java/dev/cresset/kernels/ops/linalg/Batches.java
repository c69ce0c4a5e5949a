package dev.cresset.kernels.ops.linalg;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.cpu.Parallel;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** Tensors as batches of matrices: the last two dimensions are rows and columns, those before them count matrices. */
final class Batches {
    private Batches() {}

    static long[] shape(Tensor t) { return Arrays.copyOf(t.sizes(), t.dim() - 2); }

    static int rows(Tensor t) { return (int) t.size(-2); }

    static int cols(Tensor t) { return (int) t.size(-1); }

    static long[] with(long[] batch, long... last) {
        long[] out = Arrays.copyOf(batch, batch.length + last.length);
        System.arraycopy(last, 0, out, batch.length, last.length);
        return out;
    }

    static int count(long[] batch) { return Math.toIntExact(Shapes.numel(batch)); }

    static void checkMatrix(Tensor t, String name, String argument) {
        checkFloating(t, name);
        if (t.dim() < 2) {
            throw new ScriptError(name + ": The input tensor " + argument + " must have at least 2 dimensions.");
        }
    }

    static void checkSquare(Tensor t, String name) {
        checkMatrix(t, name, "A");
        if (rows(t) != cols(t)) {
            throw new ScriptError(name + ": A must be batches of square matrices, but they are " + rows(t) + " by " + cols(t)
                + " matrices");
        }
    }

    static void checkFloating(Tensor t, String name) {
        ScalarType d = t.dtype();
        if (d == ScalarType.FLOAT16 || d == ScalarType.BFLOAT16) {
            throw new ScriptError(name + ": Low precision dtypes not supported. Got " + d.printName());
        }
        if (!d.isFloating() && !d.isComplex()) {
            throw new ScriptError(name + ": Expected a floating point or complex tensor as input. Got " + d.printName());
        }
    }

    static void sameType(Tensor a, Tensor b, String name) {
        if (a.dtype() != b.dtype()) {
            throw new ScriptError(name + ": Expected A and B to have the same dtype, but found A of type " + a.dtype().printName()
                + " and B of type " + b.dtype().printName() + " instead");
        }
    }

    /** Matrix b of a batch of this shape; smaller batches repeat. */
    static Matrix read(Tensor t, long[] batch, int b) {
        int m = rows(t);
        int n = cols(t);
        Matrix out = new Matrix(m, n, t.dtype().isComplex());
        long at = start(t, batch, b, 2);
        long rowStep = t.strides()[t.dim() - 2];
        long colStep = t.strides()[t.dim() - 1];
        for (int i = 0; i < m; i++) for (int j = 0; j < n; j++) load(t, at + i * rowStep + j * colStep, out, i, j);
        return out;
    }

    /** As {@link #read}, with the last dimension as a column. */
    static Matrix readVector(Tensor t, long[] batch, int b) {
        int n = cols(t);
        Matrix out = new Matrix(n, 1, t.dtype().isComplex());
        long at = start(t, batch, b, 1);
        for (int i = 0; i < n; i++) load(t, at + i * t.strides()[t.dim() - 1], out, i, 0);
        return out;
    }

    private static void load(Tensor t, long at, Matrix out, int i, int j) {
        if (out.isComplex()) {
            Complex c = Elements.getComplex(t.data(), t.dtype(), at);
            out.set(i, j, c.re(), c.im());
        } else {
            out.set(i, j, Elements.getDouble(t.data(), t.dtype(), at), 0);
        }
    }

    private static long start(Tensor t, long[] batch, int b, int last) {
        int own = t.dim() - last;
        long at = t.offset();
        int rest = b;
        for (int d = batch.length - 1; d >= 0; d--) {
            int mine = d - (batch.length - own);
            if (mine >= 0 && t.sizes()[mine] != 1) at += rest % batch[d] * t.strides()[mine];
            rest = (int) (rest / batch[d]);
        }
        return at;
    }

    /** Stores to matrix b of a row-major tensor; as a vector too, since that has the same elements. */
    static void write(Matrix m, Tensor t, int b) {
        long at = t.offset() + (long) b * m.rows * m.cols;
        boolean complex = t.dtype().isComplex();
        for (int i = 0; i < m.re.length; i++) {
            if (complex) Elements.setComplex(t.data(), t.dtype(), at + i, m.re[i], m.im == null ? 0 : m.im[i]);
            else Elements.setDouble(t.data(), t.dtype(), at + i, m.re[i]);
        }
    }

    static void write(double[] v, Tensor t, int b) {
        for (int i = 0; i < v.length; i++) Elements.setDouble(t.data(), t.dtype(), t.offset() + (long) b * v.length + i, v[i]);
    }

    static void write(int[] v, Tensor t, int b, int add) {
        for (int i = 0; i < v.length; i++) Elements.setLong(t.data(), t.dtype(), t.offset() + (long) b * v.length + i, v[i] + add);
    }

    static void write(long v, Tensor t, int b) { Elements.setLong(t.data(), t.dtype(), t.offset() + b, v); }

    /** Runs the body for each matrix, on the call's threads. */
    static void each(CallContext c, long[] batch, IntConsumer body) {
        Parallel.forRange(c.threads(), count(batch), 1, (from, to) -> {
            for (long b = from; b < to; b++) body.accept((int) b);
        });
    }
}
