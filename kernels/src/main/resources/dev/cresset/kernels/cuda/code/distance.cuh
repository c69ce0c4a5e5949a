// Distances between all rows of two matrices, and the suppression of overlapping boxes.
namespace cresset {

// out[b, i, j]: the norm of order p of x[b, i] - y[b, j]; all dense.
struct distance_args {
    const void* x;
    const void* y;
    void* out;
    i64 elements, rows, columns, length;    // batches x rows x columns; rows of x, of y; elements of a row
    double order;
};

DEVICE float distance_power(float x, float p) { return powf(x, p); }
DEVICE double distance_power(double x, double p) { return pow(x, p); }
DEVICE float distance_root(float x) { return sqrtf(x); }
DEVICE double distance_root(double x) { return sqrt(x); }

template <class T> DEVICE void distance_rows(const distance_args& p) {
    typedef typename k_compute<T>::type V;
    V order = (V) p.order;
    for (i64 e = k_first(); e < p.elements; e += k_step()) {
        i64 j = e % p.columns, i = e / p.columns % p.rows, b = e / p.columns / p.rows;
        const T* x = (const T*) p.x + (b * p.rows + i) * p.length;
        const T* y = (const T*) p.y + (b * p.columns + j) * p.length;
        V sum = 0;
        for (i64 k = 0; k < p.length; k++) {
            V d = k_value(x[k]) - k_value(y[k]);
            if (d < 0) d = -d;
            if (order == 2) sum += d * d;
            else if (order == 1) sum += d;
            else if (order == 0) sum += d != 0 ? 1 : 0;
            else if (k_is_inf(order)) sum = k_max(sum, d);
            else sum += distance_power(d, order);
        }
        bool plain = order == 0 || order == 1 || k_is_inf(order);
        k_store((T*) p.out + e, plain ? sum : order == 2 ? distance_root(sum) : distance_power(sum, 1 / order));
    }
}

// Boxes (x1, y1, x2, y2) in the order of falling scores: nms_overlaps marks, for each box, the later ones that overlap it by more than
// the threshold; nms_keep goes through them in order. A mask has (n + 63) / 64 words for each box.
struct nms_args {
    const void* boxes;
    const i64* order;
    u64* masks;
    u64* gone;                  // a mask, set to 0 before
    i64* kept;                  // n; boxes that stay, in order
    i64* count;
    i64 boxes_count;
    double threshold;
};

// Products round on their own: the threshold is often met exactly.
DEVICE float nms_times(float a, float b) { return __fmul_rn(a, b); }
DEVICE double nms_times(double a, double b) { return __dmul_rn(a, b); }

template <class T> DEVICE void nms_overlaps(const nms_args& p) {
    typedef typename k_compute<T>::type V;
    i64 n = p.boxes_count, words = (n + 63) / 64;
    for (i64 at = k_first(); at < n * words; at += k_step()) {
        i64 i = at / words, word = at - i * words;
        const T* a = (const T*) p.boxes + 4 * p.order[i];
        V ax = k_value(a[0]), ay = k_value(a[1]), bx = k_value(a[2]), by = k_value(a[3]), area = nms_times(bx - ax, by - ay);
        u64 mask = 0;
        for (i64 j = word * 64; j < word * 64 + 64 && j < n; j++) {
            if (j <= i) continue;
            const T* b = (const T*) p.boxes + 4 * p.order[j];
            V cx = k_value(b[0]), cy = k_value(b[1]), dx = k_value(b[2]), dy = k_value(b[3]);
            V w = k_max((V) 0, k_min(bx, dx) - k_max(ax, cx)), h = k_max((V) 0, k_min(by, dy) - k_max(ay, cy)), both = nms_times(w, h);
            V share = both / (area + nms_times(dx - cx, dy - cy) - both);
            if ((double) share > p.threshold) mask |= 1ull << (j - word * 64);
        }
        p.masks[at] = mask;
    }
}

// One block.
DEVICE void nms_keep(const nms_args& p) {
    i64 words = (p.boxes_count + 63) / 64, count = 0;
    if (blockIdx.x != 0) return;
    for (i64 i = 0; i < p.boxes_count; i++) {
        __syncthreads();
        bool gone = p.gone[i / 64] >> i % 64 & 1;
        __syncthreads();
        if (gone) continue;
        if (threadIdx.x == 0) p.kept[count] = p.order[i];
        count++;
        for (i64 w = threadIdx.x; w < words; w += BLOCK) p.gone[w] |= p.masks[i * words + w];
    }
    if (threadIdx.x == 0) *p.count = count;
}

}  // namespace cresset
