package dev.cresset.cli.input;

import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Generator;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A made-up tensor, {@code f32[1,3,224,224]} or {@code i64[1,16]=0..1000}: element type, shape, how to fill it.
 *
 * <p>Fillings: none (standard normal for floating and complex types, 0 … 9 for integers, coin tosses for bool),
 * {@code zeros}, {@code ones}, {@code arange} (0, 1, 2 …), {@code LOW..HIGH} (uniform, HIGH excluded), or a number.
 */
public record TensorSpec(ScalarType dtype, long[] shape, String fill) {
    private static final Pattern FORM = Pattern.compile("([a-z]+\\d*)\\[([\\d,\\s]*)\\](?:=(\\S+))?");
    private static final Pattern RANGE = Pattern.compile("(-?[\\d.]+(?:e-?\\d+)?)\\.\\.(-?[\\d.]+(?:e-?\\d+)?)");

    /**
     * The tensor a text describes; empty if it does not look like one. @throws IllegalArgumentException if it nearly
     * does
     */
    public static Optional<TensorSpec> parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) return Optional.empty();
        ScalarType dtype = ScalarType.ofShortName(m.group(1)).filter(t -> !t.isQuantized()).orElseThrow(
            () -> new IllegalArgumentException("'" + text + "': there is no element type '" + m.group(1)
                + "'; there are " + typeNames()));
        long[] shape = Arrays.stream(m.group(2).split(",")).map(String::strip).filter(s -> !s.isEmpty())
            .mapToLong(Long::parseLong).toArray();
        return Optional.of(new TensorSpec(dtype, shape, m.group(3) == null ? "" : m.group(3)));
    }

    private static String typeNames() {
        return Arrays.stream(ScalarType.values()).filter(t -> !t.isQuantized() && t != ScalarType.COMPLEX32)
            .map(ScalarType::shortName)
            .collect(Collectors.joining(", "));
    }

    /** Makes the tensor; random numbers come from the generator. */
    public Tensor make(Generator random) {
        long n = Shapes.numel(shape);
        Tensor t = Tensor.zeros(dtype, shape);
        Filling filling = filling(random, random.reserve(n));
        for (long i = 0; i < n; i++) Elements.set(t.data(), dtype, i, filling.element(i));
        return t;
    }

    /** The element at a place, as a number that fits the element type. */
    private interface Filling { Object element(long i); }

    private Filling filling(Generator random, long first) {
        Matcher range = RANGE.matcher(fill);
        if (range.matches()) return uniform(Double.parseDouble(range.group(1)), Double.parseDouble(range.group(2)),
            random, first);
        return switch (fill) {
            case "zeros" -> _ -> number(0);
            case "ones" -> _ -> number(1);
            case "arange" -> i -> number(i);
            case "normal" -> normal(random, first);
            case "uniform" -> uniform(0, 1, random, first);
            case "" -> switch (dtype.category()) {
                case BOOL -> uniform(0, 2, random, first);
                case INTEGRAL -> uniform(0, 10, random, first);
                default -> normal(random, first);
            };
            default -> constant();
        };
    }

    private Filling constant() {
        try {
            double value = Double.parseDouble(fill);
            return _ -> number(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a tensor cannot be filled with '" + fill
                + "'; expected zeros, ones, arange, normal, uniform, LOW..HIGH or a number", e);
        }
    }

    private Filling normal(Generator random, long first) {
        if (dtype.isComplex()) return i -> new Complex(random.normal(first + i, 0), random.normal(first + i, 1));
        return i -> number(random.normal(first + i, 0));
    }

    private Filling uniform(double low, double high, Generator random, long first) {
        boolean whole = dtype.isIntegral();
        return i -> {
            double x = low + (high - low) * random.uniform(first + i, 0);
            return number(whole ? Math.floor(x) : x);
        };
    }

    private Object number(double value) {
        return switch (dtype.category()) {
            case BOOL -> value != 0;
            case COMPLEX -> new Complex(value, 0);
            case FLOATING -> value;
            default -> (long) value;
        };
    }
}
