package dev.cresset.cli.image;

import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * An image as 8-bit samples, row by row, the channels of a pixel side by side. Decoding, greying and resizing follow
 * the
 * arithmetic of the Python Imaging Library, since that is what models were trained behind.
 */
record Pixels(int width, int height, int channels, byte[] samples) {
    /** Weights of red, green and blue in grey (ITU-R 601-2), in 1/65536. */
    private static final int RED = 19595, GREEN = 38470, BLUE = 7471, HALF = 0x8000;

    /** Decodes a PNG, JPEG, GIF or BMP. Transparency is dropped. @throws IOException if there is no such image */
    static Pixels read(Path file, int channels) throws IOException {
        if (!Files.isRegularFile(file)) throw new NoSuchFileException("image " + file + ": there is no such file");
        ImageIO.setUseCache(false);
        BufferedImage image;
        try {
            image = ImageIO.read(file.toFile());
        } catch (IOException | RuntimeException e) {
            throw new IOException("image " + file + " cannot be decoded: " + e.getMessage(), e);
        }
        if (image == null) throw new IOException("image " + file
            + " is of no known format; expected PNG, JPEG, GIF or BMP");
        return channels == 1 ? grey(image) : rgb(image);
    }

    private static Pixels rgb(BufferedImage image) {
        int w = image.getWidth(), h = image.getHeight();
        byte[] out = new byte[w * h * 3];
        int[] row = new int[w];
        for (int y = 0, at = 0; y < h; y++) {
            colours(image, y, row);
            for (int x = 0; x < w; x++) {
                out[at++] = (byte) (row[x] >> 16);
                out[at++] = (byte) (row[x] >> 8);
                out[at++] = (byte) row[x];
            }
        }
        return new Pixels(w, h, 3, out);
    }

    private static Pixels grey(BufferedImage image) {
        int w = image.getWidth(), h = image.getHeight();
        byte[] out = new byte[w * h];
        int[] row = new int[w];
        for (int y = 0, at = 0; y < h; y++) {
            colours(image, y, row);
            for (int x = 0; x < w; x++) {
                int r = row[x] >> 16 & 255, g = row[x] >> 8 & 255, b = row[x] & 255;
                out[at++] = (byte) (r * RED + g * GREEN + b * BLUE + HALF >> 16);
            }
        }
        return new Pixels(w, h, 1, out);
    }

    /**
     * A row as 0xRRGGBB. Stored samples are taken as they are, without the colour management of {@code getRGB}, which
     * brightens grey images.
     */
    private static void colours(BufferedImage image, int y, int[] row) {
        Raster raster = image.getRaster();
        int bits = raster.getSampleModel().getSampleSize(0);
        boolean plain = image.getColorModel() instanceof ComponentColorModel && (bits == 8 || bits == 16)
            && raster.getTransferType() != DataBuffer.TYPE_FLOAT && raster.getTransferType() != DataBuffer.TYPE_DOUBLE;
        if (!plain) {
            image.getRGB(0, y, row.length, 1, row, 0, row.length);
            return;
        }
        int bands = raster.getNumBands(), shift = bits - 8;
        int[] samples = raster.getPixels(0, y, row.length, 1, (int[]) null);
        for (int x = 0; x < row.length; x++) {
            int at = x * bands;
            int r = samples[at] >> shift;
            row[x] = bands < 3 ? r << 16 | r << 8 | r : r << 16 | samples[at + 1] >> shift << 8 | samples[at
                + 2] >> shift;
        }
    }

    /** The image in another size: bilinear, widened to a filter over all source pixels where it shrinks. */
    Pixels resize(int newWidth, int newHeight) {
        Pixels out = this;
        if (newWidth != width) out = out.resizeRows(newWidth);
        if (newHeight != height) out = out.transpose().resizeRows(newHeight).transpose();
        return out;
    }

    private Pixels resizeRows(int newWidth) {
        TriangleFilter filter = new TriangleFilter(width, newWidth);
        byte[] out = new byte[newWidth * height * channels];
        for (int y = 0; y < height; y++) {
            for (int c = 0; c < channels; c++) {
                filter.apply(samples, y * width * channels + c, channels, out, y * newWidth * channels + c);
            }
        }
        return new Pixels(newWidth, height, channels, out);
    }

    private Pixels transpose() {
        byte[] out = new byte[samples.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) System.arraycopy(samples, (y * width + x) * channels, out,
                (x * height + y) * channels, channels);
        }
        return new Pixels(height, width, channels, out);
    }

    /** The middle of the image; what lies outside of it is black. */
    Pixels cropCenter(int newWidth, int newHeight) {
        int left = (int) Math.rint((width - newWidth) / 2.0), top = (int) Math.rint((height - newHeight) / 2.0);
        byte[] out = new byte[newWidth * newHeight * channels];
        for (int y = Math.max(0, -top); y < Math.min(newHeight, height - top); y++) {
            int from = Math.max(0, -left), to = Math.min(newWidth, width - left);
            System.arraycopy(samples, ((y + top) * width + from + left) * channels, out,
                (y * newWidth + from) * channels, (to - from) * channels);
        }
        return new Pixels(newWidth, newHeight, channels, out);
    }
}
