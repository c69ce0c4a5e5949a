package dev.cresset.kernels.ops.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fast transforms against the sum that defines them. */
class FftTest {
    static IntStream lengths() { return IntStream.concat(IntStream.rangeClosed(1, 50), IntStream.of(53, 64, 74, 97, 120, 400, 1018)); }

    @ParameterizedTest
    @MethodSource("lengths")
    void equalsItsDefinition(int n) {
        Random r = new Random(n);
        double[] re = r.doubles(n, -1, 1).toArray();
        double[] im = r.doubles(n, -1, 1).toArray();
        double[] expectedRe = new double[n];
        double[] expectedIm = new double[n];
        for (int k = 0; k < n; k++) {
            for (int j = 0; j < n; j++) {
                double angle = -2 * Math.PI * ((long) j * k % n) / n;
                expectedRe[k] += re[j] * Math.cos(angle) - im[j] * Math.sin(angle);
                expectedIm[k] += re[j] * Math.sin(angle) + im[j] * Math.cos(angle);
            }
        }
        Fft fft = new Fft(n);
        double[] gotRe = re.clone();
        double[] gotIm = im.clone();
        fft.run(gotRe, gotIm, true);
        assertArrayEquals(expectedRe, gotRe, 1e-11);
        assertArrayEquals(expectedIm, gotIm, 1e-11);
        fft.run(gotRe, gotIm, false);
        for (int k = 0; k < n; k++) {
            gotRe[k] /= n;
            gotIm[k] /= n;
        }
        assertArrayEquals(re, gotRe, 1e-12);
        assertArrayEquals(im, gotIm, 1e-12);
    }
}
