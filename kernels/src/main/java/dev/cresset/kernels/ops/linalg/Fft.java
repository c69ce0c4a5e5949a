package dev.cresset.kernels.ops.linalg;

/**
 * Discrete Fourier transforms of one length, in double precision: mixed radix where the length has small prime factors, else
 * as a convolution with a chirp (Bluestein). A plan is immutable; safe from any thread.
 */
final class Fft {
    private static final int LARGEST_RADIX = 31;

    private final int n;
    private final int[] radices;
    private final double[] cos;
    private final double[] sin;     // of −2πk/n
    private final Fft convolution;  // not null for Bluestein
    private final double[] chirpRe;
    private final double[] chirpIm;
    private final double[] kernelRe;
    private final double[] kernelIm;

    Fft(int n) {
        this.n = n;
        int[] found = radices(n);
        if (found != null) {
            radices = found;
            cos = new double[n];
            sin = new double[n];
            for (int k = 0; k < n; k++) {
                cos[k] = Math.cos(2 * Math.PI * k / n);
                sin[k] = -Math.sin(2 * Math.PI * k / n);
            }
            convolution = null;
            chirpRe = chirpIm = kernelRe = kernelIm = null;
            return;
        }
        radices = null;
        cos = sin = null;
        int m = Integer.highestOneBit(2 * n - 2) << 1;
        convolution = new Fft(m);
        chirpRe = new double[n];
        chirpIm = new double[n];
        kernelRe = new double[m];
        kernelIm = new double[m];
        for (int k = 0; k < n; k++) {
            long square = (long) k * k % (2L * n);
            chirpRe[k] = Math.cos(Math.PI * square / n);
            chirpIm[k] = -Math.sin(Math.PI * square / n);
            kernelRe[k] = kernelRe[(m - k) % m] = chirpRe[k];
            kernelIm[k] = kernelIm[(m - k) % m] = -chirpIm[k];
        }
        convolution.forward(kernelRe, kernelIm);
    }

    /** Null if a prime factor is too large. */
    private static int[] radices(int n) {
        int[] out = new int[32];
        int count = 0;
        int rest = n;
        for (; rest % 4 == 0; rest /= 4) out[count++] = 4;
        for (int p = 2; p <= LARGEST_RADIX; p++) for (; rest % p == 0; rest /= p) out[count++] = p;
        return rest == 1 ? java.util.Arrays.copyOf(out, count) : null;
    }

    /** In place, without a factor; the inverse has the opposite sign in its exponents. */
    void run(double[] re, double[] im, boolean forward) {
        if (forward) forward(re, im);
        else forward(im, re);
    }

    private void forward(double[] re, double[] im) {
        if (convolution != null) {
            chirp(re, im);
            return;
        }
        double[] xr = re, xi = im, yr = new double[n], yi = new double[n];
        int size = n;
        int stride = 1;
        for (int p : radices) {
            int m = size / p;
            switch (p) {
                case 2 -> radix2(xr, xi, yr, yi, m, stride);
                case 4 -> radix4(xr, xi, yr, yi, m, stride);
                default -> radix(p, xr, xi, yr, yi, m, stride);
            }
            double[] t = xr;
            xr = yr;
            yr = t;
            t = xi;
            xi = yi;
            yi = t;
            size = m;
            stride *= p;
        }
        if (xr == re) return;
        System.arraycopy(xr, 0, re, 0, n);
        System.arraycopy(xi, 0, im, 0, n);
    }

    private void radix2(double[] xr, double[] xi, double[] yr, double[] yi, int m, int s) {
        for (int q = 0; q < m; q++) {
            double wr = cos[q * s], wi = sin[q * s];
            for (int k = 0; k < s; k++) {
                int a = k + s * q, b = a + s * m, to = k + 2 * s * q;
                double dr = xr[a] - xr[b], di = xi[a] - xi[b];
                yr[to] = xr[a] + xr[b];
                yi[to] = xi[a] + xi[b];
                yr[to + s] = dr * wr - di * wi;
                yi[to + s] = dr * wi + di * wr;
            }
        }
    }

    private void radix4(double[] xr, double[] xi, double[] yr, double[] yi, int m, int s) {
        for (int q = 0; q < m; q++) {
            double w1r = cos[q * s], w1i = sin[q * s], w2r = cos[2 * q * s], w2i = sin[2 * q * s];
            double w3r = cos[3 * q * s], w3i = sin[3 * q * s];
            for (int k = 0; k < s; k++) {
                int a = k + s * q, b = a + s * m, c = b + s * m, d = c + s * m, to = k + 4 * s * q;
                double pr = xr[a] + xr[c], pi = xi[a] + xi[c], mr = xr[a] - xr[c], mi = xi[a] - xi[c];
                double sr = xr[b] + xr[d], si = xi[b] + xi[d], tr = xr[b] - xr[d], ti = xi[b] - xi[d];
                yr[to] = pr + sr;
                yi[to] = pi + si;
                store(yr, yi, to + s, mr + ti, mi - tr, w1r, w1i);
                store(yr, yi, to + 2 * s, pr - sr, pi - si, w2r, w2i);
                store(yr, yi, to + 3 * s, mr - ti, mi + tr, w3r, w3i);
            }
        }
    }

    private static void store(double[] yr, double[] yi, int at, double r, double i, double wr, double wi) {
        yr[at] = r * wr - i * wi;
        yi[at] = r * wi + i * wr;
    }

    private void radix(int p, double[] xr, double[] xi, double[] yr, double[] yi, int m, int s) {
        int root = n / p;
        for (int q = 0; q < m; q++) {
            for (int j = 0; j < p; j++) {
                double wr = cos[j * q * s], wi = sin[j * q * s];
                for (int k = 0; k < s; k++) {
                    double r = 0, i = 0;
                    for (int t = 0; t < p; t++) {
                        int at = k + s * (q + m * t), w = j * t % p * root;
                        r += xr[at] * cos[w] - xi[at] * sin[w];
                        i += xr[at] * sin[w] + xi[at] * cos[w];
                    }
                    store(yr, yi, k + s * (p * q + j), r, i, wr, wi);
                }
            }
        }
    }

    private void chirp(double[] re, double[] im) {
        int m = kernelRe.length;
        double[] ar = new double[m], ai = new double[m];
        for (int k = 0; k < n; k++) store(ar, ai, k, re[k], im[k], chirpRe[k], chirpIm[k]);
        convolution.run(ar, ai, true);
        for (int k = 0; k < m; k++) store(ar, ai, k, ar[k], ai[k], kernelRe[k], kernelIm[k]);
        convolution.run(ar, ai, false);
        for (int k = 0; k < n; k++) store(re, im, k, ar[k] / m, ai[k] / m, chirpRe[k], chirpIm[k]);
    }
}
