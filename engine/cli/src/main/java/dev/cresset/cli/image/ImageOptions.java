package dev.cresset.cli.image;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * The options that say how an image becomes a tensor. The defaults are those of torchvision's classification models.
 */
public final class ImageOptions {
    private static final int DEFAULT_SIZE = 224, DEFAULT_RESIZE = 256;

    @Option(names = "--image", required = true, paramLabel = "FILE",
        description =
            "PNG or JPEG, becomes a float32 tensor 1 x channels x size x size. Give it several times for a batch.")
    List<Path> files;

    @Option(names = "--size", paramLabel = "N", defaultValue = "0",
        description = "Height and width of the tensor (default: 224).")
    private int size;

    @Option(names = "--resize", paramLabel = "N", defaultValue = "0",
        description =
            "Length the image's shorter side is brought to before it is cropped to --size, 256 in torchvision's "
            + "recipes "
            + "(default: 256 if --size is not given either, else the size).")
    private int resize;

    @Option(names = "--crop", paramLabel = "HOW", defaultValue = "center",
        description = "center: keep proportions, cut the middle out; none: stretch to the size (default: center).")
    private String crop;

    @Option(names = "--channels", paramLabel = "1|3", defaultValue = "3",
        description = "3 for RGB, 1 for grey (default: 3).")
    private int channels;

    @Option(names = "--scale", paramLabel = "X", defaultValue = "1/255",
        description = "What the values 0 to 255 are multiplied by first, a number or a fraction (default: 1/255).")
    private String scale;

    @Option(names = "--mean", paramLabel = "X[,X,X]", split = ",",
        description = "Subtracted from each channel (default: 0.485,0.456,0.406, for grey 0).")
    private List<Double> mean;

    @Option(names = "--std", paramLabel = "X[,X,X]", split = ",",
        description = "What each channel is divided by (default: 0.229,0.224,0.225, for grey 1).")
    private List<Double> std;

    /** The options as a recipe. @throws IllegalArgumentException for values that make no sense */
    Recipe recipe() {
        if (channels != 1 && channels != 3) throw new IllegalArgumentException("--channels must be 1 or 3, got "
            + channels);
        if (!crop.equals("center")
            && !crop.equals("none")) throw new IllegalArgumentException("--crop must be center or none, got " + crop);
        if (size < 0 || resize < 0) throw new IllegalArgumentException("--size and --resize must be positive");
        int target = size > 0 ? size : DEFAULT_SIZE;
        int shorter = resize > 0 ? resize : size > 0 ? size : DEFAULT_RESIZE;
        boolean grey = channels == 1;
        return new Recipe(channels, target, crop.equals("none") ? 0 : shorter, fraction(scale),
            perChannel("--mean", mean, grey ? List.of(0.0) : List.of(0.485, 0.456, 0.406)),
            perChannel("--std", std, grey ? List.of(1.0) : List.of(0.229, 0.224, 0.225)));
    }

    private double[] perChannel(String option, List<Double> given, List<Double> standard) {
        List<Double> values = given == null ? standard : given;
        if (values.size() != 1 && values.size() != channels) {
            throw new IllegalArgumentException(option + " takes one number or " + channels + ", got " + values.size());
        }
        double[] out = new double[channels];
        for (int c = 0; c < channels; c++) out[c] = values.get(values.size() == 1 ? 0 : c);
        return out;
    }

    private static double fraction(String text) {
        try {
            int slash = text.indexOf('/');
            return slash < 0 ? Double.parseDouble(text)
                : Double.parseDouble(text.substring(0, slash)) / Double.parseDouble(text.substring(slash + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--scale takes a number or a fraction such as 1/255, got '" + text
                + "'", e);
        }
    }

    /** @param shorter length of the shorter side before the centre is cut out; 0: stretch to the size */
    record Recipe(int channels, int size, int shorter, double scale, double[] mean, double[] std) {}
}
