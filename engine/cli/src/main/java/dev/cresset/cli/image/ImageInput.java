package dev.cresset.cli.image;

import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Turns image files into one input tensor, as torchvision's transforms do on images of the Python Imaging Library. */
public final class ImageInput {
    private ImageInput() {}

    /**
     * A float32 tensor, images × channels × size × size. @throws IllegalArgumentException for options that make no
     * sense
     */
    public static Tensor read(ImageOptions options) throws IOException { return read(options.files, options.recipe()); }

    static Tensor read(List<Path> files, ImageOptions.Recipe r) throws IOException {
        int plane = r.size() * r.size();
        float[] out = new float[files.size() * r.channels() * plane];
        for (int i = 0; i < files.size(); i++) {
            Pixels p = fitted(Pixels.read(files.get(i), r.channels()), r);
            for (int c = 0; c < r.channels(); c++) {
                int at = (i * r.channels() + c) * plane;
                for (int k = 0; k < plane; k++) {
                    float value = (float) ((p.samples()[k * r.channels() + c] & 255) * r.scale());
                    out[at + k] = (value - (float) r.mean()[c]) / (float) r.std()[c];
                }
            }
        }
        return Tensor.of(out, files.size(), r.channels(), r.size(), r.size());
    }

    private static Pixels fitted(Pixels p, ImageOptions.Recipe r) {
        if (r.shorter() == 0) return p.resize(r.size(), r.size());
        int width = p.width() <= p.height() ? r.shorter() : (int) ((long) r.shorter() * p.width() / p.height());
        int height = p.width() <= p.height() ? (int) ((long) r.shorter() * p.height() / p.width()) : r.shorter();
        return p.resize(width, height).cropCenter(r.size(), r.size());
    }
}
