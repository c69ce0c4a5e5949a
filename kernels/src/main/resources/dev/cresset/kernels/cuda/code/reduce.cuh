// Reductions of some dimensions to one element each, in an order that depends on sizes alone.
//
// A row is what becomes one result. reduce_thread: a thread a row. reduce_block: a block of BLOCK threads a part of a row, parts of
// a row being equal but for the last; with one part it stores the result, else the part's state, and reduce_join joins the states.
namespace cresset {

struct reduce_args {
    const void* in;
    void* out;
    void* out2;            // of operators with two results, else unused
    void* states;          // rows x parts, if parts > 1
    i64 rows, length;      // results; elements that each is made of
    i64 parts;
    double number;         // the order of a norm, the correction of a variance
    k_dims kept, reduced;
    k_strides kept_strides, reduced_strides;
};

// The type in which elements are accumulated.
template <class V> struct reduce_wide { typedef V type; };
template <> struct reduce_wide<bool> { typedef i64 type; };

// Each operator: what a state begins as, how an element (with its number in the row) is taken in, how two states in this order
// are joined, and the result of n elements.
template <class V> struct reduce_sum {
    typedef typename reduce_wide<V>::type state;
    DEVICE state start() { return k_as<state>::of(0LL); }
    DEVICE state take(state s, V v, i64, double) { return k_sum_op::of(s, k_as<state>::of(v)); }
    DEVICE state join(state a, state b) { return k_sum_op::of(a, b); }
    template <class R> DEVICE void finish(R* out, void*, i64 row, state s, i64, double) { k_store(out + row, s); }
};
template <class V> struct reduce_nansum : reduce_sum<V> {
    DEVICE V take(V s, V v, i64, double) { return v != v ? s : s + v; }
};
DEVICE float reduce_over(float s, i64 n) { return s / (float) n; }
DEVICE double reduce_over(double s, i64 n) { return s / (double) n; }
DEVICE c128 reduce_over(c128 s, i64 n) { return k_complex(s.re / (double) n, s.im / (double) n); }
template <class V> struct reduce_mean : reduce_sum<V> {
    template <class R> DEVICE void finish(R* out, void*, i64 row, V s, i64 n, double) { k_store(out + row, reduce_over(s, n)); }
};
template <class V> struct reduce_prod {
    typedef typename reduce_wide<V>::type state;
    DEVICE i64 times(i64 a, i64 b) { return k_mul(a, b); }
    DEVICE float times(float a, float b) { return a * b; }
    DEVICE double times(double a, double b) { return a * b; }
    DEVICE c128 times(c128 a, c128 b) { return a * b; }
    DEVICE state start() { return k_as<state>::of(1LL); }
    DEVICE state take(state s, V v, i64, double) { return times(s, k_as<state>::of(v)); }
    DEVICE state join(state a, state b) { return times(a, b); }
    template <class R> DEVICE void finish(R* out, void*, i64 row, state s, i64, double) { k_store(out + row, s); }
};
template <class V> struct reduce_max {
    typedef V state;
    DEVICE V start() { return k_limits<V>::low(); }
    DEVICE V take(V s, V v, i64, double) { return k_max(s, v); }
    DEVICE V join(V a, V b) { return k_max(a, b); }
    template <class R> DEVICE void finish(R* out, void*, i64 row, V s, i64, double) { k_store(out + row, s); }
};
template <class V> struct reduce_min {
    typedef V state;
    DEVICE V start() { return k_limits<V>::high(); }
    DEVICE V take(V s, V v, i64, double) { return k_min(s, v); }
    DEVICE V join(V a, V b) { return k_min(a, b); }
    template <class R> DEVICE void finish(R* out, void*, i64 row, V s, i64, double) { k_store(out + row, s); }
};
// How many are not zero; any and all follow from it. NaN is not zero.
template <class V> struct reduce_count {
    typedef i64 state;
    DEVICE i64 start() { return 0; }
    DEVICE i64 take(i64 s, V v, i64, double) { return s + (k_as<bool>::of(v) ? 1 : 0); }
    DEVICE i64 join(i64 a, i64 b) { return a + b; }
    template <class R> DEVICE void finish(R* out, void*, i64 row, i64 s, i64, double) { k_store(out + row, s); }
};
template <class V> struct reduce_any : reduce_count<V> {
    template <class R> DEVICE void finish(R* out, void*, i64 row, i64 s, i64, double) { k_store(out + row, s > 0); }
};
template <class V> struct reduce_all : reduce_count<V> {
    template <class R> DEVICE void finish(R* out, void*, i64 row, i64 s, i64 n, double) { k_store(out + row, s == n); }
};
// The vector norm of order `number`.
DEVICE float reduce_power(float x, float p) { return powf(x, p); }
DEVICE double reduce_power(double x, double p) { return pow(x, p); }
DEVICE float reduce_size(float x) { return fabsf(x); }
DEVICE double reduce_size(double x) { return fabs(x); }
DEVICE double reduce_size(c128 x) { return k_abs(x); }
template <class V> struct reduce_real { typedef V type; };
template <> struct reduce_real<c128> { typedef double type; };
// Of order 0, 1, 2 and the infinite ones: no power is taken.
template <class V, int ORDER> struct reduce_norm_of {
    typedef typename reduce_real<V>::type state;
    DEVICE state start() { return ORDER == -1 ? k_limits<state>::high() : 0; }
    DEVICE state take(state s, V v, i64, double p) {
        state a = reduce_size(v);
        switch (ORDER) {
            case 0: return s + (a != 0 ? 1 : 0);
            case 1: return s + a;
            case 2: return s + a * a;
            case 3: return k_max(s, a);
            case -1: return k_min(s, a);
            default: return s + reduce_power(a, (state) p);
        }
    }
    DEVICE state join(state a, state b) { return ORDER == 3 ? k_max(a, b) : ORDER == -1 ? k_min(a, b) : a + b; }
    template <class R> DEVICE void finish(R* out, void*, i64 row, state s, i64, double p) {
        k_store(out + row, ORDER == 2 ? reduce_power(s, (state) 0.5) : ORDER == 4 ? reduce_power(s, (state) (1 / p)) : s);
    }
};
template <class V> struct reduce_norm0 : reduce_norm_of<V, 0> {};
template <class V> struct reduce_norm1 : reduce_norm_of<V, 1> {};
template <class V> struct reduce_norm2 : reduce_norm_of<V, 2> {};
template <class V> struct reduce_norm_max : reduce_norm_of<V, 3> {};
template <class V> struct reduce_norm_min : reduce_norm_of<V, -1> {};
template <class V> struct reduce_norm : reduce_norm_of<V, 4> {};
// Mean and sum of squared deviations, joined by Chan's formula.
template <class V> struct reduce_spread {
    V mean, squares;
    i64 count;
};
template <class V> struct reduce_var {
    typedef reduce_spread<V> state;
    DEVICE state start() { state s = {0, 0, 0}; return s; }
    DEVICE state take(state s, V v, i64, double) {
        V delta = v - s.mean;
        s.count++;
        s.mean += delta / (V) s.count;
        s.squares += delta * (v - s.mean);
        return s;
    }
    DEVICE state join(state a, state b) {
        if (a.count == 0) return b;
        if (b.count == 0) return a;
        V delta = b.mean - a.mean, share = (V) b.count / (V) (a.count + b.count);
        a.mean += delta * share;
        a.squares += b.squares + delta * delta * (V) a.count * share;
        a.count += b.count;
        return a;
    }
    DEVICE V of(state s, double correction) {
        V over = (V) ((double) s.count - correction);
        return s.squares / (over > 0 ? over : 0);
    }
    template <class R> DEVICE void finish(R* out, void* out2, i64 row, state s, i64, double correction) {
        k_store(out + row, of(s, correction));
        if (out2 != 0) k_store((R*) out2 + row, s.count == 0 ? s.mean / 0 : s.mean);
    }
};
template <class V> struct reduce_std : reduce_var<V> {
    template <class R> DEVICE void finish(R* out, void* out2, i64 row, reduce_spread<V> s, i64 n, double correction) {
        reduce_var<V>::finish(out, out2, row, s, n, correction);
        k_store(out + row, reduce_power(reduce_var<V>::of(s, correction), (V) 0.5));
    }
};
// log of the sum of exp, with the largest element taken out of the sum.
template <class V> struct reduce_scaled { V largest, sum; };
DEVICE float reduce_exp(float x) { return expf(x); }
DEVICE double reduce_exp(double x) { return exp(x); }
DEVICE float reduce_log(float x) { return logf(x); }
DEVICE double reduce_log(double x) { return log(x); }
template <class V> struct reduce_logsumexp {
    typedef reduce_scaled<V> state;
    DEVICE V scaled(V v, V max) { return v == max ? (V) 1 : reduce_exp(v - max); }
    DEVICE state start() { state s = {k_limits<V>::low(), 0}; return s; }
    DEVICE state take(state s, V v, i64, double) {
        state one = {v, v == k_limits<V>::low() ? (V) 0 : (V) 1};
        return join(s, one);
    }
    DEVICE state join(state a, state b) {
        V m = k_max(a.largest, b.largest);
        state s = {m, m == k_limits<V>::low() ? (V) 0 : a.sum * scaled(a.largest, m) + b.sum * scaled(b.largest, m)};
        return s;
    }
    template <class R> DEVICE void finish(R* out, void*, i64 row, state s, i64, double) {
        k_store(out + row, k_is_inf(s.largest) ? s.largest : s.largest + reduce_log(s.sum));
    }
};
// The extreme with the number of its first occurrence in the row; the first NaN is more extreme than anything.
template <class V> struct reduce_best {
    V value;
    i64 index;
};
template <class V, bool LARGEST> struct reduce_arg {
    typedef reduce_best<V> state;
    DEVICE bool better(V a, V b) { return a != a ? b == b : LARGEST ? a > b : a < b; }
    DEVICE state start() { state s = {LARGEST ? k_limits<V>::low() : k_limits<V>::high(), -1}; return s; }
    DEVICE state take(state s, V v, i64 i, double) {
        state one = {v, i};
        return join(s, one);
    }
    DEVICE state join(state a, state b) {
        if (a.index < 0) return b;
        if (b.index < 0) return a;
        bool tie = !better(a.value, b.value) && !better(b.value, a.value);
        return better(b.value, a.value) || (tie && b.index < a.index) ? b : a;
    }
    // The value where out2 takes the index; the index alone without.
    template <class R> DEVICE void finish(R* out, void* out2, i64 row, state s, i64, double) {
        if (out2 == 0) return k_store(out + row, s.index);
        k_store(out + row, s.value);
        ((i64*) out2)[row] = s.index;
    }
};
template <class V> struct reduce_argmax : reduce_arg<V, true> {};
template <class V> struct reduce_argmin : reduce_arg<V, false> {};

template <class Op> struct reduce_joiner {
    template <class S> __device__ S operator()(S a, S b) const { return Op::join(a, b); }
};

template <class T, class R, template <class> class Operator> DEVICE void reduce_thread(const reduce_args& p) {
    typedef typename k_compute<T>::type V;
    typedef Operator<V> Op;
    for (i64 row = k_first(); row < p.rows; row += k_step()) {
        const T* in = (const T*) p.in + k_position(row, p.kept, p.kept_strides);
        typename Op::state s = Op::start();
        for (i64 i = 0; i < p.length; i++) s = Op::take(s, k_value(in[k_position(i, p.reduced, p.reduced_strides)]), i, p.number);
        Op::finish((R*) p.out, p.out2, row, s, p.length, p.number);
    }
}

template <class T, class R, template <class> class Operator> DEVICE void reduce_block(const reduce_args& p) {
    typedef typename k_compute<T>::type V;
    typedef Operator<V> Op;
    typedef typename Op::state state;
    __shared__ state cells[BLOCK / WARP];
    i64 part = (p.length + p.parts - 1) / p.parts;
    for (i64 item = blockIdx.x; item < p.rows * p.parts; item += gridDim.x) {
        i64 row = item / p.parts, from = (item - row * p.parts) * part, to = from + part < p.length ? from + part : p.length;
        const T* in = (const T*) p.in + k_position(row, p.kept, p.kept_strides);
        state s = Op::start();
        for (i64 i = from + threadIdx.x; i < to; i += BLOCK) s = Op::take(s, k_value(in[k_position(i, p.reduced, p.reduced_strides)]), i, p.number);
        s = k_fold_block<BLOCK / WARP>(s, reduce_joiner<Op>(), cells);
        if (threadIdx.x != 0) continue;
        if (p.parts > 1) ((state*) p.states)[item] = s;
        else Op::finish((R*) p.out, p.out2, row, s, p.length, p.number);
    }
}

template <class T, class R, template <class> class Operator> DEVICE void reduce_join(const reduce_args& p) {
    typedef Operator<typename k_compute<T>::type> Op;
    for (i64 row = k_first(); row < p.rows; row += k_step()) {
        const typename Op::state* states = (const typename Op::state*) p.states + row * p.parts;
        typename Op::state s = states[0];
        for (i64 i = 1; i < p.parts; i++) s = Op::join(s, states[i]);
        Op::finish((R*) p.out, p.out2, row, s, p.length, p.number);
    }
}

}  // namespace cresset
