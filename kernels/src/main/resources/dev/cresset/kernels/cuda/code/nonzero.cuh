// The coordinates of elements that are not zero, row-major: nonzero_count counts those of each part, nonzero_offsets turns the counts
// into beginnings and gives the total, nonzero_fill writes [total, rank] coordinates (or the elements' numbers, for masked_select).
namespace cresset {

struct nonzero_args {
    const void* in;
    i64* counts;                // parts + 1; the last one becomes the total
    i64* out;
    i64 elements, parts, flat;  // flat: numbers instead of coordinates
    k_dims dims;
    k_strides strides;
};

DEVICE i64 nonzero_part(const nonzero_args& p) { return (p.elements + p.parts - 1) / p.parts; }

template <class T> DEVICE bool nonzero_at(const nonzero_args& p, i64 i) {
    return k_as<bool>::of(k_value(((const T*) p.in)[k_position(i, p.dims, p.strides)]));
}

template <class T> DEVICE void nonzero_count(const nonzero_args& p) {
    __shared__ i64 cells[BLOCK / WARP];
    i64 size = nonzero_part(p);
    for (i64 part = blockIdx.x; part < p.parts; part += gridDim.x) {
        i64 count = 0, end = (part + 1) * size < p.elements ? (part + 1) * size : p.elements;
        for (i64 i = part * size + threadIdx.x; i < end; i += BLOCK) count += nonzero_at<T>(p, i);
        count = k_fold_block<BLOCK / WARP>(count, k_sum_op(), cells);
        if (threadIdx.x == 0) p.counts[part] = count;
    }
}

// One thread: there are few parts.
DEVICE void nonzero_offsets(const nonzero_args& p) {
    if (k_first() != 0) return;
    i64 total = 0;
    for (i64 i = 0; i < p.parts; i++) {
        i64 count = p.counts[i];
        p.counts[i] = total;
        total += count;
    }
    p.counts[p.parts] = total;
}

template <class T> DEVICE void nonzero_fill(const nonzero_args& p) {
    __shared__ i64 before[2][BLOCK];
    i64 size = nonzero_part(p);
    int t = threadIdx.x;
    for (i64 part = blockIdx.x; part < p.parts; part += gridDim.x) {
        i64 at = p.counts[part], end = (part + 1) * size < p.elements ? (part + 1) * size : p.elements;
        for (i64 first = part * size; first < end; first += BLOCK) {
            bool set = first + t < end && nonzero_at<T>(p, first + t);
            int side = 0;
            before[0][t] = set;
            __syncthreads();
            for (int d = 1; d < BLOCK; d *= 2, side = 1 - side) {
                before[1 - side][t] = t >= d ? before[side][t - d] + before[side][t] : before[side][t];
                __syncthreads();
            }
            if (set) {
                i64 row = at + before[side][t] - 1;
                if (p.flat) {
                    p.out[row] = first + t;
                } else {
                    k_coordinates c = k_locate(first + t, p.dims);
#pragma unroll
                    for (int d = 0; d < MAX_DIMS; d++) if (d < p.dims.rank) p.out[row * p.dims.rank + d] = c.of[d];
                }
            }
            at += before[side][BLOCK - 1];
            __syncthreads();
        }
    }
}

}  // namespace cresset
