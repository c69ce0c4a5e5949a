// Rows of a dense tensor, brought to mean 0 and variance 1, then scaled and shifted.
namespace cresset {

struct normalized_args {
    const void* in;
    void* out;
    const void* weight;    // or 0
    const void* bias;      // or 0
    void* mean;            // of each row, or 0
    void* rstd;            // 1 / sqrt(variance + eps) of each row, or 0
    i64 rows, length;
    i64 channels, all;     // elements of weight and bias that belong to a row; that there are
    i64 span;              // neighbours of a row with the same weight
    double eps;
};

DEVICE float norm_reciprocal_root(float x) { return 1 / sqrtf(x); }
DEVICE double norm_reciprocal_root(double x) { return 1 / sqrt(x); }

// A block a row. Row r has the weights from (r * channels) mod all on.
template <class T, class W> DEVICE void normalize_rows(const normalized_args& p) {
    typedef typename k_compute<T>::type V;
    __shared__ V cells[BLOCK / WARP];
    for (i64 row = blockIdx.x; row < p.rows; row += gridDim.x) {
        const T* in = (const T*) p.in + row * p.length;
        T* out = (T*) p.out + row * p.length;
        V sum = 0;
        for (i64 i = threadIdx.x; i < p.length; i += BLOCK) sum += k_value(in[i]);
        V mean = k_fold_block<BLOCK / WARP>(sum, k_sum_op(), cells) / (V) p.length;
        V squares = 0;
        for (i64 i = threadIdx.x; i < p.length; i += BLOCK) {
            V d = k_value(in[i]) - mean;
            squares += d * d;
        }
        V variance = k_fold_block<BLOCK / WARP>(squares, k_sum_op(), cells) / (V) p.length;
        V scale = norm_reciprocal_root(variance + (V) p.eps);
        i64 first = row * p.channels % p.all;
        for (i64 i = threadIdx.x; i < p.length; i += BLOCK) {
            i64 c = first + (p.span == 1 ? i : i / p.span);
            V y = (k_value(in[i]) - mean) * scale;
            if (p.weight != 0) y *= k_load<V>((const W*) p.weight + c);
            if (p.bias != 0) y += k_load<V>((const W*) p.bias + c);
            k_store(out + i, y);
        }
        if (threadIdx.x != 0) continue;
        if (p.mean != 0) k_store((T*) p.mean + row, mean);
        if (p.rstd != 0) k_store((T*) p.rstd + row, scale);
    }
}

}  // namespace cresset
