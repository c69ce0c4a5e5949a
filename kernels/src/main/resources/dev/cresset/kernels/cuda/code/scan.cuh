// Running sums, products, extremes with their index, log-sum-exps along a dimension. A line is scanned in tiles of a block's
// threads, from left to right, so that the order of operations depends on its length alone.
namespace cresset {

struct scan_args {
    const void* in;
    void* out;
    i64* indices;               // of extremes, else unused
    i64 lines, length;
    k_dims line;                // the dimensions but the scanned one
    k_strides in_line, out_line, index_line;
    i64 in_stride, out_stride, index_stride;
};

template <class V> struct scan_pair { V value; i64 index; };

template <class V> struct scan_sum {
    typedef V state;
    DEVICE state of(V v, i64) { return v; }
    DEVICE state join(state a, state b) { return k_sum_op::of(a, b); }
    DEVICE V value(state s) { return s; }
    DEVICE i64 index(state) { return 0; }
};
template <class V> struct scan_prod : scan_sum<V> {
    DEVICE i64 join(i64 a, i64 b) { return k_mul(a, b); }
    DEVICE float join(float a, float b) { return a * b; }
    DEVICE double join(double a, double b) { return a * b; }
    DEVICE c128 join(c128 a, c128 b) { return a * b; }
};
template <class V> struct scan_logsumexp : scan_sum<V> {
    DEVICE float term(float low, float high) { return log1pf(expf(low - high)); }
    DEVICE double term(double low, double high) { return log1p(exp(low - high)); }
    DEVICE V join(V a, V b) {
        if (a != a || b != b) return a + b;
        V high = k_max(a, b);
        return k_is_inf(high) ? high : high + term(k_min(a, b), high);
    }
};
// The last of equal extremes wins; from a NaN on everything is NaN, the last one.
template <class V, bool LARGEST> struct scan_extreme {
    typedef scan_pair<V> state;
    DEVICE state of(V v, i64 i) { state s = {v, i}; return s; }
    DEVICE state join(state a, state b) { return b.value != b.value || (a.value == a.value && (LARGEST ? b.value >= a.value : b.value <= a.value)) ? b : a; }
    DEVICE V value(state s) { return s.value; }
    DEVICE i64 index(state s) { return s.index; }
};
template <class V> struct scan_max : scan_extreme<V, true> {};
template <class V> struct scan_min : scan_extreme<V, false> {};

// In the compute type of the result's elements. A block a line.
template <class T, class R, template <class> class Operator> DEVICE void scan_block(const scan_args& p) {
    typedef typename k_compute<R>::type V;
    typedef Operator<V> Op;
    typedef typename Op::state state;
    __shared__ state cells[2][BLOCK];
    int t = threadIdx.x;
    for (i64 l = blockIdx.x; l < p.lines; l += gridDim.x) {
        k_coordinates c = k_locate(l, p.line);
        const T* in = (const T*) p.in + k_position(c, p.in_line);
        R* out = (R*) p.out + k_position(c, p.out_line);
        i64* indices = p.indices + k_position(c, p.index_line);
        state carry;
        for (i64 first = 0; first < p.length; first += BLOCK) {
            i64 i = first + t;
            int n = (int) (p.length - first < BLOCK ? p.length - first : BLOCK), side = 0;
            if (t < n) cells[0][t] = Op::of(k_as<V>::of(k_value(in[i * p.in_stride])), i);
            __syncthreads();
            for (int d = 1; d < n; d *= 2, side = 1 - side) {
                if (t < n) cells[1 - side][t] = t >= d ? Op::join(cells[side][t - d], cells[side][t]) : cells[side][t];
                __syncthreads();
            }
            if (t < n) {
                state s = cells[side][t];
                if (first > 0) s = Op::join(carry, s);
                k_store(out + i * p.out_stride, Op::value(s));
                if (p.indices != 0) indices[i * p.index_stride] = Op::index(s);
            }
            state all = cells[side][n - 1];
            carry = first > 0 ? Op::join(carry, all) : all;
            __syncthreads();
        }
    }
}

}  // namespace cresset
