// Elements chosen by index tensors: gather, index, index_select, embedding, take; and written to such places: scatter, index_put,
// index_add and their kin.
namespace cresset {

#define MAX_INDICES 4

// Index tensor k of int64 (or int32): at each coordinate it gives a number in [lowest, size), times stride the step in the tensor;
// negative ones count from the end.
struct index_tensor {
    const void* data;
    i64 narrow;                 // its elements are int32
    i64 size, lowest, stride;
    k_strides line, entry;      // its strides over the dimensions of lines and of entries (chosen: of entries alone)
};

// Where lies what the indices name? -1, and the first bad index noted, if one is out of range.
DEVICE i64 index_step(const index_tensor& t, const k_coordinates& entry, i64 extra, i64* error) {
    i64 at = k_position(entry, t.entry) + extra;
    i64 i = t.narrow ? (i64) ((const int*) t.data)[at] : ((const i64*) t.data)[at];
    if (i < t.lowest || i >= t.size) {
        if (error != 0) { error[1] = i; error[2] = t.size; error[0] = 1; }
        return -1;
    }
    return (i < 0 ? i + t.size : i) * t.stride;
}

// out[c] = in[c . in_strides + what the indices add]. Each error slot: whether one occurred, such an index, the size.
struct chosen_args {
    const void* in;
    void* out;
    i64* error;
    i64 elements, indices;
    k_dims dims;
    k_strides in_strides, out_strides;
    index_tensor index[MAX_INDICES];
};

template <class T> DEVICE void index_choose(const chosen_args& p) {
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_coordinates c = k_locate(i, p.dims);
        i64 at = k_position(c, p.in_strides);
        bool good = true;
#pragma unroll
        for (int k = 0; k < MAX_INDICES; k++) {
            if (k >= p.indices) continue;
            i64 step = index_step(p.index[k], c, 0, p.error);
            good = good && step >= 0;
            at += step;
        }
        T v = {};
        if (good) v = ((const T*) p.in)[at];
        ((T*) p.out)[k_position(c, p.out_strides)] = v;
    }
}

// For each line and each entry, in order: out[line, what the indices name] op= source[line, entry]. Lines never meet; entries of a
// line may, so that they are taken in order: sums have one order, and of several assignments the last one wins.
struct scattered_args {
    void* out;
    const void* source;
    i64* error;
    i64 lines, entries, indices;
    k_dims line, entry;
    k_strides out_line, out_entry, source_line, source_entry;
    index_tensor index[MAX_INDICES];
};

struct scatter_assign { template <class V> DEVICE V of(V, V b) { return b; } };
struct scatter_add { template <class V> DEVICE V of(V a, V b) { return k_sum_op::of(a, b); } };
struct scatter_multiply {
    DEVICE i64 of(i64 a, i64 b) { return k_mul(a, b); }
    DEVICE bool of(bool a, bool b) { return a && b; }
    template <class V> DEVICE V of(V a, V b) { return a * b; }
};
struct scatter_max { template <class V> DEVICE V of(V a, V b) { return k_max(a, b); } };
struct scatter_min { template <class V> DEVICE V of(V a, V b) { return k_min(a, b); } };

DEVICE i64 scatter_target(const scattered_args& p, const k_coordinates& line, i64 out_line, const k_coordinates& entry) {
    i64 at = out_line + k_position(entry, p.out_entry);
    bool good = true;
#pragma unroll
    for (int k = 0; k < MAX_INDICES; k++) {
        if (k >= p.indices) continue;
        i64 step = index_step(p.index[k], entry, k_position(line, p.index[k].line), p.error);
        good = good && step >= 0;
        at += step;
    }
    return good ? at : -1;
}

template <class T, class Op> DEVICE void scatter_into(T* to, const T* from) { k_put(to, Op::of(k_value(*to), k_value(*from))); }

// A thread a line: for many lines.
template <class T, class Op> DEVICE void scatter_lines(const scattered_args& p) {
    for (i64 i = k_first(); i < p.lines; i += k_step()) {
        k_coordinates line = k_locate(i, p.line);
        i64 out = k_position(line, p.out_line), from = k_position(line, p.source_line);
        for (i64 e = 0; e < p.entries; e++) {
            k_coordinates entry = k_locate(e, p.entry);
            i64 at = scatter_target(p, line, out, entry);
            if (at >= 0) scatter_into<T, Op>((T*) p.out + at, (const T*) p.source + from + k_position(entry, p.source_entry));
        }
    }
}

// A block a line, for few lines: entries are read together, and each thread does what falls to the places it owns.
template <class T, class Op> DEVICE void scatter_block(const scattered_args& p) {
    __shared__ i64 target[BLOCK], source[BLOCK];
    for (i64 i = blockIdx.x; i < p.lines; i += gridDim.x) {
        k_coordinates line = k_locate(i, p.line);
        i64 out = k_position(line, p.out_line), from = k_position(line, p.source_line);
        for (i64 first = 0; first < p.entries; first += BLOCK) {
            i64 e = first + threadIdx.x, n = p.entries - first < BLOCK ? p.entries - first : BLOCK;
            if (e < p.entries) {
                k_coordinates entry = k_locate(e, p.entry);
                target[threadIdx.x] = scatter_target(p, line, out, entry);
                source[threadIdx.x] = from + k_position(entry, p.source_entry);
            }
            __syncthreads();
            for (int k = 0; k < n; k++) {
                i64 at = target[k];
                if (at >= 0 && (u64) at % BLOCK == threadIdx.x) scatter_into<T, Op>((T*) p.out + at, (const T*) p.source + source[k]);
            }
            __syncthreads();
        }
    }
}

}  // namespace cresset
