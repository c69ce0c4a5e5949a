package dev.cresset.kernels.expr;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.math.FloatVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns an expression without complex numbers into steps over registers: equal subexpressions are computed once, what is
 * the same for all elements is computed once for each run, and registers are reused after their last use.
 */
final class TileCompiler {
    /** One step of a program, on the first {@code n} elements of the registers. */
    @FunctionalInterface
    interface Step { void run(Registers r, int n); }

    /** @param uniforms expressions whose values a run has to supply, the same for all elements */
    record Compiled(Step[] steps, int floats, int doubles, int longs, int bools, int result, List<Uniform> uniforms) {}

    /** @param isExponent it must not be negative */
    record Uniform(Expr expr, ScalarType kind, boolean isExponent) {}

    /** @param kind the compute type, which says what array holds the value */
    private record Node(Expr expr, ScalarType kind, int[] arguments, boolean uniform) {}

    private final List<Node> nodes = new ArrayList<>();
    private final Map<Expr, Integer> seen = new IdentityHashMap<>();
    private final Map<List<Object>, Integer> numbers = new HashMap<>();
    private final List<Uniform> uniforms = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final int[] used = new int[4];
    @SuppressWarnings("unchecked")
    private final List<Integer>[] free = new List[] {new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>()};

    private TileCompiler() {}

    static Compiled compile(Expr expr) {
        TileCompiler c = new TileCompiler();
        int root = c.number(expr);
        int result = c.emit(root);
        return new Compiled(c.steps.toArray(Step[]::new), c.used[0], c.used[1], c.used[2], c.used[3], result, List.copyOf(c.uniforms));
    }

    /** True if a complex number appears anywhere in it. */
    static boolean isComplex(Expr e) { return isComplex(e, new IdentityHashMap<>()); }

    private static boolean isComplex(Expr e, Map<Expr, Boolean> seen) {
        if (e.type().isComplex()) return true;
        if (seen.putIfAbsent(e, true) != null) return false;
        return switch (e) {
            case Expr.Load _, Expr.Param _, Expr.Reduced _, Expr.Const _ -> false;
            case Expr.Cast(Expr x, ScalarType _) -> isComplex(x, seen);
            case Expr.Unary(UnaryFn _, Expr x) -> isComplex(x, seen);
            case Expr.Binary(BinaryFn _, Expr a, Expr b) -> isComplex(a, seen) || isComplex(b, seen);
            case Expr.Select(Expr c, Expr a, Expr b) -> isComplex(c, seen) || isComplex(a, seen) || isComplex(b, seen);
        };
    }

    // ---- value numbering

    private int number(Expr e) {
        Integer known = seen.get(e);
        if (known != null) return known;
        int id = switch (e) {
            case Expr.Load(int i, ScalarType t) -> node(e, List.of("load", i, t), false);
            case Expr.Param(int i, ScalarType t) -> node(e, List.of("param", i, t), true);
            case Expr.Const(Object v, ScalarType t) -> node(e, List.of("const", v, t), true);
            case Expr.Reduced _ -> throw new IllegalArgumentException("a tile knows no rows: " + e);
            case Expr.Cast(Expr x, ScalarType t) -> {
                int a = number(x);
                boolean same = x.type() == t || !Conversions.isNarrow(t) && nodes.get(a).kind == t;
                yield same ? a : node(e, List.of("cast", t, a), nodes.get(a).uniform, a);
            }
            case Expr.Unary(UnaryFn fn, Expr x) -> operation(e, fn, number(x));
            case Expr.Binary(BinaryFn fn, Expr x, Expr y) -> operation(e, fn, number(x), number(y));
            case Expr.Select(Expr c, Expr x, Expr y) -> operation(e, "select", number(c), number(x), number(y));
        };
        seen.put(e, id);
        return id;
    }

    private int operation(Expr e, Object fn, int... arguments) {
        boolean uniform = Arrays.stream(arguments).allMatch(a -> nodes.get(a).uniform);
        List<Object> key = new ArrayList<>();
        key.add(fn);
        for (int a : arguments) key.add(a);
        // an integer power with one exponent for all elements checks it
        if (ScalarInterpreter.isIntegerPower(e)) key.add("checked");
        return node(e, key, uniform, arguments);
    }

    private int node(Expr e, List<Object> key, boolean uniform, int... arguments) {
        return numbers.computeIfAbsent(key, _ -> {
            nodes.add(new Node(e, Expr.compute(e.type()), arguments, uniform));
            return nodes.size() - 1;
        });
    }

    // ---- steps

    private int emit(int root) {
        int[] lastUse = new int[nodes.size()];
        boolean[] needed = new boolean[nodes.size()];
        needed[root] = true;
        for (int i = root; i >= 0; i--) {
            if (!needed[i] || nodes.get(i).uniform) continue;
            for (int a : nodes.get(i).arguments) needed[a] = true;
        }
        for (int i = 0; i <= root; i++) {
            if (needed[i] && !nodes.get(i).uniform) for (int a : nodes.get(i).arguments) lastUse[a] = i;
        }
        lastUse[root] = Integer.MAX_VALUE;
        int[] register = new int[nodes.size()];
        for (int i = 0; i <= root; i++) {
            if (!needed[i]) continue;
            Node n = nodes.get(i);
            if (n.uniform) {
                if (isPowerExponentOnly(i, root, needed)) continue;
                register[i] = take(n.kind);
                steps.add(fill(n, register[i], uniform(n.expr, n.kind, false)));
                continue;
            }
            int[] a = new int[n.arguments.length];
            for (int k = 0; k < a.length; k++) a[k] = register[n.arguments[k]];
            for (int k = 0; k < a.length; k++) {
                int x = n.arguments[k];
                boolean repeated = k > 0 && n.arguments[k - 1] == x || k > 1 && n.arguments[0] == x;
                boolean holdsRegister = !(k == 1 && isPowerExponentOnly(x, root, needed));
                if (lastUse[x] == i && !repeated && holdsRegister) free[slot(nodes.get(x).kind)].add(a[k]);
            }
            register[i] = take(n.kind);
            steps.add(step(n, register[i], a));
        }
        return register[root];
    }

    /** True for a uniform value that is only ever the exponent of float32 powers, which take it as a number. */
    private boolean isPowerExponentOnly(int id, int root, boolean[] needed) {
        if (!nodes.get(id).uniform || nodes.get(id).kind != ScalarType.FLOAT32 || id == root) return false;
        for (int i = 0; i <= root; i++) {
            Node n = nodes.get(i);
            if (!needed[i] || n.uniform) continue;
            boolean isPower = n.expr instanceof Expr.Binary(BinaryFn fn, Expr _, Expr _) && fn == BinaryFn.POW;
            for (int k = 0; k < n.arguments.length; k++) if (n.arguments[k] == id && !(isPower && k == 1)) return false;
        }
        return true;
    }

    private int uniform(Expr e, ScalarType kind, boolean isExponent) {
        uniforms.add(new Uniform(e, kind, isExponent));
        return uniforms.size() - 1;
    }

    private int take(ScalarType kind) {
        List<Integer> list = free[slot(kind)];
        return list.isEmpty() ? used[slot(kind)]++ : list.removeLast();
    }

    private static int slot(ScalarType kind) {
        return switch (kind) {
            case FLOAT32 -> 0;
            case FLOAT64 -> 1;
            case INT64 -> 2;
            case BOOL -> 3;
            default -> throw new IllegalArgumentException("no register holds " + kind);
        };
    }

    private static Step fill(Node n, int d, int u) {
        return switch (n.kind) {
            case FLOAT32 -> (r, k) -> Arrays.fill(r.f[d], 0, k, (float) r.numbers[u]);
            case FLOAT64 -> (r, k) -> Arrays.fill(r.d[d], 0, k, r.numbers[u]);
            case INT64 -> (r, k) -> Arrays.fill(r.l[d], 0, k, r.integers[u]);
            default -> (r, k) -> Arrays.fill(r.b[d], 0, k, (int) r.integers[u]);
        };
    }

    private Step step(Node n, int d, int[] a) {
        return switch (n.expr) {
            case Expr.Load(int input, ScalarType _) -> (r, k) -> TileMemory.load(r, input, d, k);
            case Expr.Param _, Expr.Const _, Expr.Reduced _ -> throw new AssertionError("uniform");
            case Expr.Cast(Expr _, ScalarType t) -> cast(t, nodes.get(n.arguments[0]).kind, d, a[0]);
            case Expr.Unary(UnaryFn fn, Expr _) -> unary(fn, n.kind, nodes.get(n.arguments[0]).kind, d, a[0]);
            case Expr.Binary(BinaryFn fn, Expr _, Expr y) when fn == BinaryFn.POW && nodes.get(n.arguments[1]).uniform
                && n.kind == ScalarType.FLOAT32 -> {
                int u = uniform(y, n.kind, false);
                yield (r, k) -> FloatLoops.pow(r.f[d], r.f[a[0]], r.numbers[u], k);
            }
            case Expr.Binary(BinaryFn fn, Expr _, Expr y) -> {
                if (ScalarInterpreter.isIntegerPower(n.expr)) uniform(y, ScalarType.INT64, true);
                yield binary(fn, nodes.get(n.arguments[0]).kind, d, a[0], a[1]);
            }
            case Expr.Select _ -> switch (n.kind) {
                case FLOAT32 -> (r, k) -> FloatVectors.select(r.f[d], r.b[a[0]], r.f[a[1]], r.f[a[2]], k);
                case FLOAT64 -> (r, k) -> DoubleLoops.select(r.d[d], r.b[a[0]], r.d[a[1]], r.d[a[2]], k);
                case INT64 -> (r, k) -> LongLoops.select(r.l[d], r.b[a[0]], r.l[a[1]], r.l[a[2]], k);
                default -> (r, k) -> BoolLoops.select(r.b[d], r.b[a[0]], r.b[a[1]], r.b[a[2]], k);
            };
        };
    }

    private static Step unary(UnaryFn fn, ScalarType result, ScalarType kind, int d, int a) {
        boolean test = result == ScalarType.BOOL;
        return switch (kind) {
            case FLOAT32 -> test ? (r, k) -> FloatLoops.test(fn, r.b[d], r.f[a], k) : (r, k) -> FloatLoops.unary(fn, r.f[d], r.f[a], k);
            case FLOAT64 -> test ? (r, k) -> DoubleLoops.test(fn, r.b[d], r.d[a], k) : (r, k) -> DoubleLoops.unary(fn, r.d[d], r.d[a], k);
            case INT64 -> test ? (r, k) -> LongLoops.test(fn, r.b[d], r.l[a], k) : (r, k) -> LongLoops.unary(fn, r.l[d], r.l[a], k);
            default -> (r, k) -> BoolLoops.unary(fn, r.b[d], r.b[a], k);
        };
    }

    private static Step binary(BinaryFn fn, ScalarType kind, int d, int a, int b) {
        boolean compare = fn.isComparison();
        return switch (kind) {
            case FLOAT32 -> compare ? (r, k) -> FloatLoops.compare(fn, r.b[d], r.f[a], r.f[b], k)
                : (r, k) -> FloatLoops.binary(fn, r.f[d], r.f[a], r.f[b], k);
            case FLOAT64 -> compare ? (r, k) -> DoubleLoops.compare(fn, r.b[d], r.d[a], r.d[b], k)
                : (r, k) -> DoubleLoops.binary(fn, r.d[d], r.d[a], r.d[b], k);
            case INT64 -> compare ? (r, k) -> LongLoops.compare(fn, r.b[d], r.l[a], r.l[b], k)
                : (r, k) -> LongLoops.binary(fn, r.l[d], r.l[a], r.l[b], k);
            default -> (r, k) -> BoolLoops.binary(fn, r.b[d], r.b[a], r.b[b], k);
        };
    }

    private static Step cast(ScalarType t, ScalarType from, int d, int a) {
        ScalarType to = Expr.compute(t);
        Step convert = from == to ? null : convert(to, from, d, a);
        if (!Conversions.isNarrow(t)) return convert;
        int source = convert == null ? a : d;
        Step narrow = to == ScalarType.FLOAT32 ? (r, k) -> Conversions.narrow(t, r.f[d], r.f[source], k)
            : (r, k) -> Conversions.narrow(t, r.l[d], r.l[source], k);
        return convert == null ? narrow : (r, k) -> {
            convert.run(r, k);
            narrow.run(r, k);
        };
    }

    private static Step convert(ScalarType to, ScalarType from, int d, int a) {
        return switch (to) {
            case FLOAT32 -> switch (from) {
                case FLOAT64 -> (r, k) -> Conversions.convert(r.f[d], r.d[a], k);
                case INT64 -> (r, k) -> Conversions.convert(r.f[d], r.l[a], k);
                default -> (r, k) -> Conversions.convert(r.f[d], r.b[a], k);
            };
            case FLOAT64 -> switch (from) {
                case FLOAT32 -> (r, k) -> Conversions.convert(r.d[d], r.f[a], k);
                case INT64 -> (r, k) -> Conversions.convert(r.d[d], r.l[a], k);
                default -> (r, k) -> Conversions.convert(r.d[d], r.b[a], k);
            };
            case INT64 -> switch (from) {
                case FLOAT32 -> (r, k) -> Conversions.convert(r.l[d], r.f[a], k);
                case FLOAT64 -> (r, k) -> Conversions.convert(r.l[d], r.d[a], k);
                default -> (r, k) -> Conversions.convert(r.l[d], r.b[a], k);
            };
            default -> switch (from) {
                case FLOAT32 -> (r, k) -> Conversions.convert(r.b[d], r.f[a], k);
                case FLOAT64 -> (r, k) -> Conversions.convert(r.b[d], r.d[a], k);
                default -> (r, k) -> Conversions.convert(r.b[d], r.l[a], k);
            };
        };
    }
}
