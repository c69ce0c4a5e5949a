package dev.cresset.cli.cases;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Precision;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Compares what a call returned with what a case expects; the answer is the first difference as a sentence, or null.
 */
final class Comparison {
    private static final Pattern WORD = Pattern.compile("[A-Za-z_]{3,}|\\d+");
    private static final double DEFAULT_RTOL_OF_FLOAT = 1e-7;
    private static final double DEFAULT_ATOL_OF_FLOAT = 1e-9;

    private final CaseFile file;
    private final boolean random;
    private final boolean singlePrecision;
    private final Precision precision;

    /**
     * @param random          compare types and shapes only
     * @param singlePrecision the call was given float32 tensors: float64 results are often these, widened, and are compared so
     * @param precision       that was computed with: results may be off by its tolerance beyond what the case says
     */
    Comparison(CaseFile file, boolean random, boolean singlePrecision, Precision precision) {
        this.precision = precision;
        this.file = file;
        this.random = random;
        this.singlePrecision = singlePrecision;
    }

    String difference(Object got, JsonNode expected, String where) throws IOException {
        String kind = CaseValues.kind(expected);
        JsonNode x = expected.get(kind);
        return switch (kind) {
            case "tensor" -> got instanceof Tensor t ? tensors(t, expected, where) : other(got, "a tensor", where);
            case "int" -> got instanceof Long v ? same(random || v == x.asLong(), v, x, where)
                : other(got, "int " + x, where);
            case "float" -> got instanceof Double v ? same(random || close(v, CaseValues.floating(x)), v, x, where)
                : other(got, "float " + x, where);
            case "bool" -> got instanceof Boolean v ? same(random || v == x.asBoolean(), v, x, where)
                : other(got, "bool " + x, where);
            case "str" -> got instanceof String v ? same(random || onCpu(v).equals(x.asText()), '"' + v + '"', x, where)
                : other(got, "str " + x, where);
            case "complex" -> got instanceof Complex v
                ? same(random || close(v.re(), CaseValues.floating(x.get(0)))
                    && close(v.im(), CaseValues.floating(x.get(1))), v, x, where)
                : other(got, "complex " + x, where);
            case "none" -> got == null ? null : other(got, "None", where);
            case "list" -> got instanceof List<?> l && !(got instanceof ScriptTuple) ? sequences(l, x, where)
                : other(got, "a list", where);
            case "tuple" -> got instanceof ScriptTuple t ? sequences(t, x, where) : other(got, "a tuple", where);
            case "dict" -> got instanceof Map<?, ?> m ? dicts(m, x, where) : other(got, "a dict", where);
            case "object" -> objects(got, expected, where);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    /** PyTorch names the device under printed tensors; cases were printed on the CPU. */
    static String onCpu(String printed) { return printed.replace("[ CUDA", "[ CPU"); }

    private static String same(boolean equal, Object got, JsonNode expected, String where) {
        return equal ? null : where + ": got " + got + ", expected " + expected;
    }

    private static String other(Object got, String expected, String where) {
        return where + ": got " + (got == null ? "None" : got.getClass().getSimpleName() + " " + got) + ", expected "
            + expected;
    }

    private boolean close(double a, double b) {
        if (Double.isNaN(a) || Double.isNaN(b)) return Double.isNaN(a) && Double.isNaN(b);
        if (a == b) return true;
        double rtol = file.rtol() != null ? file.rtol() : DEFAULT_RTOL_OF_FLOAT;
        double atol = file.atol() != null ? file.atol() : DEFAULT_ATOL_OF_FLOAT;
        // float numbers of a program often come from float32 tensors
        return Math.abs(a - b) <= Math.max(atol, 1e-6) + (Math.max(rtol, 1e-5) + precision.tolerance()) * Math.abs(b);
    }

    private String sequences(List<?> got, JsonNode expected, String where) throws IOException {
        if (got.size() != expected.size()) return where + ": got " + got.size() + " elements, expected "
            + expected.size();
        for (int i = 0; i < got.size(); i++) {
            String d = difference(got.get(i), expected.get(i), where + "[" + i + "]");
            if (d != null) return d;
        }
        return null;
    }

    private String dicts(Map<?, ?> got, JsonNode expected, String where) throws IOException {
        if (got.size() != expected.size()) return where + ": got " + got.size() + " entries, expected "
            + expected.size();
        int i = 0;
        for (Map.Entry<?, ?> e : got.entrySet()) {
            JsonNode want = expected.get(i);
            String d = difference(e.getKey(), want.get(0), where + ".key(" + i + ")");
            if (d == null) d = difference(e.getValue(), want.get(1), where + "[" + e.getKey() + "]");
            if (d != null) return d;
            i++;
        }
        return null;
    }

    private String objects(Object got, JsonNode expected, String where) throws IOException {
        if (got instanceof EnumMember m) {
            JsonNode value = expected.path("attributes").path("value");
            return value.isMissingNode() ? null : difference(m.value(), value, where + ".value");
        }
        if (!(got instanceof ScriptObject o)) return other(got, "an object", where);
        for (Map.Entry<String, JsonNode> a : expected.path("attributes").properties()) {
            String d = difference(o.get(a.getKey()), a.getValue(), where + "." + a.getKey());
            if (d != null) return d;
        }
        return null;
    }

    private String tensors(Tensor got, JsonNode expected, String where) throws IOException {
        Tensor want = CaseValues.tensor(expected, file.folder());
        ScalarType type = precision.outside(want.dtype());
        if (got.dtype() != type) return where + ": got dtype " + got.dtype() + ", expected " + type;
        boolean anyShape = random && got.dim() == want.dim();
        if (!Arrays.equals(got.sizes(), want.sizes()) && !anyShape) {
            return where + ": got shape " + Arrays.toString(got.sizes()) + ", expected "
                + Arrays.toString(want.sizes());
        }
        if (random) return null;
        return got.dtype().isComplex() ? complexElements(got, want, where) : elements(got, want, where);
    }

    private String elements(Tensor got, Tensor want, String where) {
        if (got.dtype().isIntegral()) return integers(got.toLongArray(), want.toLongArray(), want.sizes(), where);
        double rtol = file.rtol() != null ? file.rtol() : defaultRtol(want.dtype());
        double atol = file.atol() != null ? file.atol() : defaultAtol(want.dtype());
        double[] g = got.toDoubleArray(), w = want.toDoubleArray();
        atol += precision.tolerance() * Arrays.stream(w).map(Math::abs).filter(Double::isFinite).max().orElse(0);
        int first = -1;
        int wrong = 0;
        double largest = 0;
        for (int i = 0; i < g.length; i++) {
            boolean ok = g[i] == w[i] || Double.isNaN(g[i]) && Double.isNaN(w[i]) || Math.abs(g[i] - w[i]) <= atol
                + rtol * Math.abs(w[i]);
            largest = Math.max(largest, Math.abs(g[i] - w[i]));
            if (!ok) {
                wrong++;
                if (first < 0) first = i;
            }
        }
        if (first < 0) return null;
        return String.format(Locale.ROOT, "%s%s: got %s, expected %s; %d of %d elements differ, largest error %.3g",
            where,
            place(first, want.sizes()), g[first], w[first], wrong, g.length, largest);
    }

    private static String integers(long[] got, long[] want, long[] sizes, String where) {
        int at = Arrays.mismatch(got, want);
        return at < 0 ? null : where + place(at, sizes) + ": got " + got[at] + ", expected " + want[at];
    }

    private String complexElements(Tensor got, Tensor want, String where) {
        double rtol = file.rtol() != null ? file.rtol() : defaultRtol(want.dtype().toReal());
        double atol = file.atol() != null ? file.atol() : defaultAtol(want.dtype().toReal());
        Complex[] g = got.toComplexArray(), w = want.toComplexArray();
        for (int i = 0; i < g.length; i++) {
            double error = Math.hypot(g[i].re() - w[i].re(), g[i].im() - w[i].im());
            boolean bothNan = Double.isNaN(error) && Double.isNaN(w[i].re() + w[i].im())
                && Double.isNaN(g[i].re() + g[i].im());
            if (!g[i].equals(w[i]) && !bothNan && !(error <= atol + rtol * Math.hypot(w[i].re(), w[i].im()))) {
                return where + place(i, want.sizes()) + ": got " + g[i] + ", expected " + w[i];
            }
        }
        return null;
    }

    private double defaultRtol(ScalarType t) {
        return switch (t) {
            case FLOAT64 -> singlePrecision ? 1e-4 : 1e-7;
            case FLOAT16, BFLOAT16 -> 1e-2;
            default -> 1e-4;
        };
    }

    private double defaultAtol(ScalarType t) {
        return switch (t) {
            case FLOAT64 -> singlePrecision ? 1e-5 : 1e-9;
            case FLOAT16, BFLOAT16 -> 1e-3;
            default -> 1e-5;
        };
    }

    private static String place(int flat, long[] sizes) {
        long[] index = new long[sizes.length];
        long rest = flat;
        for (int d = sizes.length - 1; d >= 0; d--) {
            index[d] = rest % sizes[d];
            rest /= sizes[d];
        }
        return Arrays.toString(index);
    }

    /**
     * Whether an error names the cause that PyTorch's names: at least a third of the words and numbers of its line
     * occur in ours.
     */
    static String errorDifference(String got, String expected) {
        Set<String> want = words(expected);
        want.removeAll(Set.of("runtimeerror", "builtins", "the", "for", "and"));
        Set<String> have = words(got);
        long shared = want.stream().filter(have::contains).count();
        return 3 * shared >= want.size() ? null : "raised \"" + got + "\", expected \"" + expected + '"';
    }

    private static Set<String> words(String text) {
        Set<String> out = new TreeSet<>();
        WORD.matcher(text).results().forEach(m -> out.add(m.group().toLowerCase(Locale.ROOT)));
        return out;
    }
}
