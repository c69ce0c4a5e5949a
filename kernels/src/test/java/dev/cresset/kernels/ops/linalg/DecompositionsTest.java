package dev.cresset.kernels.ops.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Decompositions give back the matrix they were made of. */
class DecompositionsTest {
    private static final double TOLERANCE = 1e-11;

    private static Matrix random(int rows, int cols, boolean complex) {
        Random r = new Random(rows * 31L + cols);
        Matrix m = new Matrix(rows, cols, complex);
        for (int i = 0; i < rows; i++) for (int j = 0; j < cols; j++) m.set(i, j, r.nextGaussian(), r.nextGaussian());
        return m;
    }

    private static void assertSame(Matrix expected, Matrix got) {
        assertEquals(expected.rows, got.rows);
        assertEquals(expected.cols, got.cols);
        for (int i = 0; i < got.rows; i++) {
            for (int j = 0; j < got.cols; j++) {
                assertEquals(expected.re(i, j), got.re(i, j), TOLERANCE, "element " + i + ", " + j);
                assertEquals(expected.im(i, j), got.im(i, j), TOLERANCE, "element " + i + ", " + j);
            }
        }
    }

    private static void assertOrthonormal(Matrix q) { assertSame(Matrix.identity(q.cols, q.isComplex()), q.adjoint().times(q)); }

    private static Matrix diagonal(double[] v, boolean complex) {
        Matrix d = new Matrix(v.length, v.length, complex);
        for (int i = 0; i < v.length; i++) d.set(i, i, v[i], 0);
        return d;
    }

    @ParameterizedTest
    @CsvSource({"1,1,false", "4,4,false", "5,3,false", "3,5,true", "6,6,true"})
    void luAndQrAndSvd(int m, int n, boolean complex) {
        Matrix a = random(m, n, complex);
        Lu lu = new Lu(a, true);
        assertSame(a, lu.permutation().times(lu.lower()).times(lu.upper()));
        Householder qr = new Householder(a);
        Matrix q = qr.q(m);
        assertOrthonormal(q);
        assertSame(a, q.times(qr.r(m)));
        Jacobi.Svd svd = Jacobi.svd(a);
        assertOrthonormal(svd.u());
        assertOrthonormal(svd.v());
        assertSame(a, svd.u().times(diagonal(svd.s(), complex)).times(svd.v().adjoint()));
        assertOrthonormal(Jacobi.complete(svd.u(), Math.min(m, n), m));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void svdOfRankOne(boolean complex) {
        Matrix a = random(4, 1, complex).times(random(1, 3, complex));
        Jacobi.Svd svd = Jacobi.svd(a);
        assertEquals(0, svd.s()[1], 1e-12);
        assertOrthonormal(svd.u());
        assertSame(a, svd.u().times(diagonal(svd.s(), complex)).times(svd.v().adjoint()));
    }

    @ParameterizedTest
    @CsvSource({"1,false", "5,false", "4,true", "9,true"})
    void hermitianMatrices(int n, boolean complex) {
        Matrix b = random(n, n, complex);
        Matrix a = b.times(b.adjoint()).plus(Matrix.identity(n, complex), 1);
        Jacobi.Eigen e = Jacobi.hermitian(a);
        assertOrthonormal(e.vectors());
        assertSame(a, e.vectors().times(diagonal(e.values(), complex)).times(e.vectors().adjoint()));
        Matrix l = a.copy();
        assertEquals(0, Triangular.cholesky(l));
        l = l.triangle(false);
        assertSame(a, l.times(l.adjoint()));
    }

    @ParameterizedTest
    @CsvSource({"1,false", "2,false", "5,false", "12,false", "6,true"})
    void eigenvaluesAndSystems(int n, boolean complex) {
        Matrix a = random(n, n, complex);
        Schur.Eigen e = Schur.eigen(a);
        Matrix values = new Matrix(n, n, true);
        for (int i = 0; i < n; i++) values.set(i, i, e.values().re(i, 0), e.values().im(i, 0));
        assertSame(a.toComplex().times(e.vectors()), e.vectors().times(values));
        Matrix b = random(n, 2, complex);
        Lu lu = new Lu(a, true);
        assertSame(b, a.times(lu.solve(b)));
        assertSame(b, a.adjoint().times(lu.solveAdjoint(b)));
        assertSame(Matrix.identity(n, complex),
            MatrixFunctions.exponential(a).times(MatrixFunctions.exponential(a.scaled(-1))));
    }
}
