// Maxima back to the places that they came from, and pooling over windows at random places. All tensors are dense.
namespace cresset {

struct unpool_args {
    const void* in;
    const i64* where;           // positions within a plane of out
    i64* marks;                 // for each element of out the last one of in that goes there, or -1
    void* out;
    i64 elements, plane, out_elements, out_plane;
};

DEVICE void unpool_mark_places(const unpool_args& p) {
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        i64 at = p.where[i];
        if (at >= 0 && at < p.out_plane) atomicMax(p.marks + i / p.plane * p.out_plane + at, i);
    }
}

template <class T> DEVICE void unpool_take(const unpool_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.out_elements; i += k_step()) {
        i64 from = p.marks[i];
        k_store((T*) p.out + i, from < 0 ? (V) 0 : (V) k_value(((const T*) p.in)[from < 0 ? 0 : from]));
    }
}

struct fractional_args {
    const void* in;
    const void* samples;        // [planes, rank], of width, height, then depth
    void* out;
    i64* where;
    i64 elements, rank, size[3], kernel[3], out_size[3];
};

// Steps of nearly equal length from a random phase; the last window ends with the source.
template <class V> DEVICE i64 fractional_start(V sample, i64 in, i64 out, i64 kernel, i64 o) {
    if (o == out - 1) return in - kernel;
    V alpha = (V) (in - kernel) / (V) (out - 1);
    return (i64) (((V) o + sample) * alpha) - (i64) (sample * alpha);
}

template <class T> DEVICE void unpool_fractional(const fractional_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        i64 rest = i, from[3];
        i64 plane = i / (p.out_size[0] * p.out_size[1] * p.out_size[2]);
        for (int d = 2; d >= 0; d--) {
            i64 o = rest % p.out_size[d];
            rest /= p.out_size[d];
            from[d] = 0;
            if (3 - d <= p.rank) from[d] = fractional_start((V) k_value(((const T*) p.samples)[plane * p.rank + 2 - d]), p.size[d], p.out_size[d], p.kernel[d], o);
        }
        const T* in = (const T*) p.in + plane * p.size[0] * p.size[1] * p.size[2];
        i64 best = -1;
        V value = 0;
        for (i64 d = from[0]; d < from[0] + p.kernel[0]; d++) {
            for (i64 h = from[1]; h < from[1] + p.kernel[1]; h++) {
                for (i64 w = from[2]; w < from[2] + p.kernel[2]; w++) {
                    i64 at = (d * p.size[1] + h) * p.size[2] + w;
                    V v = k_value(in[at]);
                    if (best < 0 || v > value || v != v) {
                        best = at;
                        value = v;
                    }
                }
            }
        }
        k_store((T*) p.out + i, value);
        p.where[i] = best;
    }
}

}  // namespace cresset
