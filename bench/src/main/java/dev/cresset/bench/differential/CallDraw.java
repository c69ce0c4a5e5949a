package dev.cresset.bench.differential;

import dev.cresset.bench.differential.program.Dim;
import dev.cresset.bench.differential.program.Parameter;
import dev.cresset.bench.differential.program.RandomProgram;
import dev.cresset.ir.type.ScalarType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Draws the calls of a random program: the same shapes a few times, so that a profiling engine has something to see, then
 * other shapes, layouts and types, and the first ones again.
 */
final class CallDraw {
    private static final int SHAPES = 3;
    private static final double[] SPECIAL = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0};

    private final RandomProgram program;
    private final SplittableRandom random;
    private boolean odd;

    private CallDraw(RandomProgram program) {
        this.program = program;
        this.random = new SplittableRandom(program.seed() ^ 0x5eed);
    }

    static List<CallSpec> of(RandomProgram program) { return new CallDraw(program).calls(); }

    private List<CallSpec> calls() {
        List<Map<String, Long>> sizes = new ArrayList<>();
        boolean large = random.nextDouble() < 0.1;
        for (int i = 0; i < SHAPES; i++) sizes.add(sizes(large));
        List<CallSpec> calls = new ArrayList<>();
        for (int shape : new int[] {0, 0, 0, 0, 1, 1, 2, 0}) calls.add(call(sizes.get(shape), calls.size() >= 4));
        return calls;
    }

    private Map<String, Long> sizes(boolean large) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (String name : List.of("N", "S", "H", "W")) sizes.put(name, 1L + random.nextInt(6));
        if (large) sizes.put("N", 20L + random.nextInt(180));
        sizes.put("n", (long) random.nextInt(5));
        return sizes;
    }

    /** @param unusual whether a layout, type or shape may be one that the program did not see before */
    private CallSpec call(Map<String, Long> sizes, boolean unusual) {
        List<Object> arguments = new ArrayList<>();
        odd = false;
        for (Parameter p : program.parameters()) arguments.add(argument(p, sizes, unusual));
        List<String> same = share(arguments);
        return new CallSpec(sizes, arguments, same, odd);
    }

    private Object argument(Parameter p, Map<String, Long> sizes, boolean unusual) {
        return switch (p.form()) {
            case TENSOR -> tensor(p, sizes, unusual);
            case OPTIONAL -> random.nextDouble() < 0.5 ? null : tensor(p, sizes, unusual);
            case INT -> sizes.get(p.name());
            case FLOAT -> random.nextInt(-4, 5) / 4.0;
            case BOOL -> random.nextBoolean();
        };
    }

    private Input tensor(Parameter p, Map<String, Long> sizes, boolean unusual) {
        long[] shape = p.kind().shape().stream().mapToLong((Dim d) -> d.at(sizes)).toArray();
        ScalarType dtype = p.kind().dtype();
        if (unusual && shape.length > 0 && random.nextDouble() < 0.04) {
            shape[shape.length - 1]++;
            odd = true;
        }
        if (unusual && dtype == ScalarType.FLOAT32 && random.nextDouble() < 0.04) {
            dtype = ScalarType.FLOAT64;
            odd = true;
        }
        long[] strides = rowMajor(shape);
        double layout = random.nextDouble();
        if (layout < 0.12 && shape.length > 1) strides = permuted(shape);
        else if (layout < 0.2) strides = Arrays.stream(strides).map(s -> 2 * s).toArray();
        else if (layout < 0.25 && shape.length > 1 && !p.written()) strides[random.nextInt(shape.length)] = 0;
        long offset = random.nextDouble() < 0.15 ? 3 : 0;
        return new Input(dtype, elements(p, dtype, extent(shape, strides) + offset), shape, strides, offset);
    }

    private static long[] rowMajor(long[] shape) {
        long[] strides = new long[shape.length];
        long step = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            strides[d] = step;
            step *= Math.max(1, shape[d]);
        }
        return strides;
    }

    /** As a transposed tensor of that shape. */
    private static long[] permuted(long[] shape) {
        long[] strides = new long[shape.length];
        long step = 1;
        for (int d = 0; d < shape.length; d++) {
            strides[d] = step;
            step *= Math.max(1, shape[d]);
        }
        return strides;
    }

    private static long extent(long[] shape, long[] strides) {
        long last = 0;
        for (int d = 0; d < shape.length; d++) last += Math.max(0, shape[d] - 1) * strides[d];
        return last + 1;
    }

    private double[] elements(Parameter p, ScalarType dtype, long count) {
        double[] elements = new double[Math.toIntExact(count)];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = switch (dtype) {
                case BOOL -> random.nextInt(2);
                case INT64 -> random.nextInt((int) -p.range(), (int) p.range() + 1);
                default -> program.special() && random.nextDouble() < 0.03 ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextDouble() < 0.05 ? random.nextInt(-1, 2) : (float) ((2 * random.nextDouble() - 1) * p.range());
            };
        }
        return elements;
    }

    /** Now and then, two parameters get the same memory. */
    private List<String> share(List<Object> arguments) {
        if (random.nextDouble() > 0.15) return List.of();
        for (int i = 0; i < arguments.size(); i++) {
            for (int j = i + 1; j < arguments.size(); j++) {
                if (!(arguments.get(i) instanceof Input a) || !(arguments.get(j) instanceof Input b)) continue;
                Parameter p = program.parameters().get(i), q = program.parameters().get(j);
                if (!Arrays.equals(a.sizes(), b.sizes()) || a.dtype() != b.dtype() || p.kind().exact() != q.kind().exact()) continue;
                boolean narrow = p.range() < q.range();
                boolean spread = Arrays.stream(narrow ? a.strides() : b.strides()).noneMatch(s -> s == 0) || !p.written() && !q.written();
                if (!spread) continue;
                arguments.set(narrow ? j : i, narrow ? a : b);
                return List.of(p.name(), q.name());
            }
        }
        return List.of();
    }
}
