package dev.cresset.cli.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The expected numbers are those of the Python Imaging Library 9.4 and torchvision 0.14. */
class PixelsTest {
    @TempDir Path temp;

    private static Pixels sample() {
        byte[] samples = new byte[30];
        for (int i = 0; i < 30; i++) samples[i] = (byte) (i * 37 + 11);
        return new Pixels(6, 5, 1, samples);
    }

    private static int[] values(Pixels p) {
        int[] out = new int[p.samples().length];
        for (int i = 0; i < out.length; i++) out[i] = p.samples()[i] & 255;
        return out;
    }

    @Test void shrinksOverAllPixels() { assertArrayEquals(new int[] {110, 83, 136, 176, 133, 79},
        values(sample().resize(3, 2))); }

    @Test void enlargesBetweenPixels() {
        int[] all = values(sample().resize(8, 7));
        assertArrayEquals(new int[] {11, 34, 62, 90, 117, 145, 173, 196, 138, 69, 43, 71, 98, 126, 154, 177},
            java.util.Arrays.copyOf(all, 16));
        assertEquals(60, all[55]);
    }

    @Test void cropsTheMiddleAndPadsWithBlack() {
        Pixels p = new Pixels(4, 2, 1, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        assertArrayEquals(new int[] {2, 3, 6, 7}, values(p.cropCenter(2, 2)));
        assertArrayEquals(new int[] {0, 0, 2, 3, 6, 7, 0, 0}, values(p.cropCenter(2, 4)));
    }

    private Path coloured() throws IOException {
        BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 16; i++) {
            int r = (87 * i + 5) & 255, g = (87 * i + 34) & 255, b = (87 * i + 63) & 255;
            image.setRGB(i % 4, i / 4, r << 16 | g << 8 | b);
        }
        Path file = temp.resolve("rgb.png");
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    @Test void greysByTheUsualWeights() throws IOException {
        assertArrayEquals(new int[] {29, 116, 203, 34, 121, 208, 39, 126, 213, 44, 131, 218, 49, 136, 193, 54},
            values(Pixels.read(coloured(), 1)));
    }

    @Test void greyImagesKeepTheirValues() throws IOException {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_GRAY);
        for (int x = 0; x < 3; x++) image.getRaster().setSample(x, 0, 0, 40 * x + 7);
        Path file = temp.resolve("grey.png");
        ImageIO.write(image, "png", file.toFile());
        assertArrayEquals(new int[] {7, 47, 87}, values(Pixels.read(file, 1)));
        assertArrayEquals(new int[] {7, 7, 7, 47, 47, 47, 87, 87, 87}, values(Pixels.read(file, 3)));
    }

    @Test void normalizesEachChannel() throws IOException {
        ImageOptions.Recipe recipe = new ImageOptions.Recipe(3, 4, 4, 1 / 255.0, new double[] {0.5, 0, 1},
            new double[] {0.5, 1, 2});
        Tensor t = ImageInput.read(List.of(coloured(), coloured()), recipe);
        assertArrayEquals(new long[] {2, 3, 4, 4}, t.sizes());
        assertEquals((5 / 255f - 0.5f) / 0.5f, (float) t.getDouble(0, 0, 0, 0));
        assertEquals(34 / 255f, (float) t.getDouble(1, 1, 0, 0));
        assertEquals((63 / 255f - 1) / 2, (float) t.getDouble(0, 2, 0, 0));
    }
}
