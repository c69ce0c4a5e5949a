// Windows over images of one to three spatial dimensions, which are [n, c, d, h, w] with missing dimensions of size 1: pooling, resampling
// by tables, sampling at grids.
namespace cresset {

struct image_five { i64 n, c, d, h, w; };

// Window o of a dimension covers start, start + step, ... below end; adaptive: equal parts of the dimension.
struct pool_dim { i64 in, out, kernel, stride, padding, dilation, adaptive; };
struct pool_window { i64 start, end, count; };

struct pool_args {
    const void* in;
    void* out;
    i64* indices;               // of maxima: positions within the plane; or 0
    i64 elements, count_padding;
    double divisor;             // of averages; 0: as many as the window covers
    k_dims dims;                // of out: n, c, d, h, w
    k_strides in_strides, out_strides, index_strides;
    pool_dim dim[3];
};

DEVICE pool_window pool_at(const pool_dim& p, i64 o, i64 count_padding) {
    pool_window w;
    if (p.adaptive) {
        w.start = o * p.in / p.out;
        w.end = ((o + 1) * p.in + p.out - 1) / p.out;
        w.count = w.end - w.start;
        return w;
    }
    i64 from = o * p.stride - p.padding, to = from + (p.kernel - 1) * p.dilation + 1;
    w.count = (to < p.in + p.padding ? to : p.in + p.padding) - from;
    w.start = from < 0 ? from + (-from + p.dilation - 1) / p.dilation * p.dilation : from;
    w.end = to < p.in ? to : p.in;
    if (!count_padding) w.count = w.end > w.start ? w.end - w.start : 0;
    return w;
}

// The last NaN, else the first of the largest.
template <class T> DEVICE void pool_max(const pool_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_coordinates c = k_locate(i, p.dims);
        pool_window z = pool_at(p.dim[0], c.of[2], 0), y = pool_at(p.dim[1], c.of[3], 0), x = pool_at(p.dim[2], c.of[4], 0);
        const T* in = (const T*) p.in + c.of[0] * p.in_strides.of[0] + c.of[1] * p.in_strides.of[1];
        V best = k_limits<V>::low();
        i64 where = (z.start * p.dim[1].in + y.start) * p.dim[2].in + x.start;
        for (i64 d = z.start; d < z.end; d += p.dim[0].dilation) {
            for (i64 h = y.start; h < y.end; h += p.dim[1].dilation) {
                for (i64 w = x.start; w < x.end; w += p.dim[2].dilation) {
                    V v = k_value(in[d * p.in_strides.of[2] + h * p.in_strides.of[3] + w * p.in_strides.of[4]]);
                    if (v > best || v != v) {
                        best = v;
                        where = (d * p.dim[1].in + h) * p.dim[2].in + w;
                    }
                }
            }
        }
        k_store((T*) p.out + k_position(c, p.out_strides), best);
        if (p.indices != 0) p.indices[k_position(c, p.index_strides)] = where;
    }
}

template <class T> DEVICE void pool_average(const pool_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_coordinates c = k_locate(i, p.dims);
        pool_window z = pool_at(p.dim[0], c.of[2], p.count_padding), y = pool_at(p.dim[1], c.of[3], p.count_padding);
        pool_window x = pool_at(p.dim[2], c.of[4], p.count_padding);
        const T* in = (const T*) p.in + c.of[0] * p.in_strides.of[0] + c.of[1] * p.in_strides.of[1];
        V sum = 0;
        for (i64 d = z.start; d < z.end; d++) {
            for (i64 h = y.start; h < y.end; h++) {
                for (i64 w = x.start; w < x.end; w++) sum += k_value(in[d * p.in_strides.of[2] + h * p.in_strides.of[3] + w * p.in_strides.of[4]]);
            }
        }
        V by = (V) (p.divisor != 0 ? p.divisor : (double) (z.count * y.count * x.count));
        k_store((T*) p.out + k_position(c, p.out_strides), sum / by);
    }
}

// Each result is a weighted sum over the product of its positions in three dimensions, as tables say: at and weight are
// [out size, taps]; places that do not count have weight 0. All kinds of interpolation are of this form.
struct resample_dim { const int* at; const double* weight; i64 taps; };

struct resample_args {
    const void* in;
    void* out;
    i64 elements;
    k_dims dims;                // of out: n, c, d, h, w
    k_strides in_strides, out_strides;
    resample_dim dim[3];
};

template <class V> struct resample_sum { typedef V type; };
template <> struct resample_sum<i64> { typedef double type; };

DEVICE double resample_round(double v, i64) { return rint(v); }
template <class V> DEVICE V resample_round(V v, V) { return v; }

template <class T> DEVICE void image_resample(const resample_args& p) {
    typedef typename k_compute<T>::type V;
    typedef typename resample_sum<V>::type S;
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_coordinates c = k_locate(i, p.dims);
        const T* in = (const T*) p.in + c.of[0] * p.in_strides.of[0] + c.of[1] * p.in_strides.of[1];
        S sum = 0;
        for (i64 a = c.of[2] * p.dim[0].taps; a < (c.of[2] + 1) * p.dim[0].taps; a++) {
            S plane = 0;
            for (i64 b = c.of[3] * p.dim[1].taps; b < (c.of[3] + 1) * p.dim[1].taps; b++) {
                const T* row = in + p.dim[0].at[a] * p.in_strides.of[2] + p.dim[1].at[b] * p.in_strides.of[3];
                S line = 0;
                for (i64 e = c.of[4] * p.dim[2].taps; e < (c.of[4] + 1) * p.dim[2].taps; e++) {
                    S w = (S) p.dim[2].weight[e];
                    if (w != 0) line += w * (S) k_value(row[p.dim[2].at[e] * p.in_strides.of[4]]);
                }
                S w = (S) p.dim[1].weight[b];
                if (w != 0) plane += w * line;
            }
            S w = (S) p.dim[0].weight[a];
            if (w != 0) sum += w * plane;
        }
        k_store((T*) p.out + k_position(c, p.out_strides), resample_round(sum, (V) 0));
    }
}

}  // namespace cresset
