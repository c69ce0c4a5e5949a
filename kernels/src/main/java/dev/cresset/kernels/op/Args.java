package dev.cresset.kernels.op;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The arguments of one operator call, in the order of its schema, with typed access by position. */
public final class Args {
    private final CallContext context;
    private final Object[] values;

    /** @param values one for each argument of the schema; not copied */
    public Args(CallContext context, Object[] values) {
        this.context = context;
        this.values = values;
    }

    public CallContext context() { return context; }

    public int size() { return values.length; }

    public Object get(int i) { return values[i]; }

    public boolean isNone(int i) { return values[i] == null; }

    public Tensor tensor(int i) { return (Tensor) values[i]; }

    /** The tensor, or null for None. */
    public Tensor tensorOrNull(int i) { return (Tensor) values[i]; }

    public long int64(int i) { return values[i] instanceof Boolean b ? (b ? 1 : 0) : (Long) values[i]; }

    public int int32(int i) { return Math.toIntExact(int64(i)); }

    public long int64Or(int i, long fallback) { return values[i] == null ? fallback : int64(i); }

    /** A float or Scalar as double. */
    public double float64(int i) { return toDouble(values[i]); }

    public double float64Or(int i, double fallback) { return values[i] == null ? fallback : float64(i); }

    public boolean bool(int i) { return (Boolean) values[i]; }

    public boolean boolOr(int i, boolean fallback) { return values[i] == null ? fallback : bool(i); }

    public String str(int i) { return (String) values[i]; }

    public ScriptList list(int i) { return (ScriptList) values[i]; }

    public ScriptDict dict(int i) { return (ScriptDict) values[i]; }

    /** The elements of an int[]; null for None. */
    public long[] longs(int i) {
        ScriptList list = list(i);
        if (list == null) return null;
        long[] out = new long[list.size()];
        for (int k = 0; k < out.length; k++) out[k] = (Long) list.get(k);
        return out;
    }

    /** The elements of an int[N] where a list of one element stands for N equal ones. */
    public long[] longs(int i, int n) {
        long[] v = longs(i);
        if (v.length == n) return v;
        if (v.length != 1) throw new ScriptError("expected " + n + " integers, got " + list(i));
        long[] out = new long[n];
        java.util.Arrays.fill(out, v[0]);
        return out;
    }

    /** The elements of a float[]; null for None. */
    public double[] doubles(int i) {
        ScriptList list = list(i);
        return list == null ? null : list.stream().mapToDouble(Args::toDouble).toArray();
    }

    public List<Tensor> tensors(int i) {
        ScriptList list = list(i);
        List<Tensor> out = new ArrayList<>(list.size());
        for (int k = 0; k < list.size(); k++) out.add((Tensor) list.get(k));
        return out;
    }

    /** A dtype argument; null for None. */
    public ScalarType dtype(int i) { return values[i] == null ? null : ScalarType.ofCode((Long) values[i]); }

    public ScalarType dtypeOr(int i, ScalarType fallback) { return values[i] == null ? fallback : dtype(i); }

    /** A device argument; null for None. */
    public Device device(int i) { return (Device) values[i]; }

    /** A generator argument, or the call's own for None. */
    public Generator generator(int i) { return values[i] == null ? context.generator() : (Generator) values[i]; }

    private static double toDouble(Object value) {
        return switch (value) {
            case Double d -> d;
            case Long l -> l;
            case Boolean b -> b ? 1 : 0;
            case Complex c when c.im() == 0 -> c.re();
            default -> throw new ScriptError("value cannot be converted to type double without overflow: " + value);
        };
    }
}
