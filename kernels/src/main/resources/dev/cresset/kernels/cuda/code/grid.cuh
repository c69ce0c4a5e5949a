// grid_sampler: images [n, c, d, h, w] at points that lie anywhere between their elements.
namespace cresset {

struct grid_args {
    const void* in;
    const void* grid;           // coordinates x, y (, z) in [-1, 1]
    void* out;
    i64 points, channels, rank, mode, padding, align;
    k_dims dims;                // of the points: n, d, h, w
    i64 size[3];                // of the image
    k_strides in_strides, grid_strides, out_strides;
};

#define GRID_LINEAR 0
#define GRID_NEAREST 1
#define GRID_ZEROS 0
#define GRID_BORDER 1

DEVICE float grid_rint(float x) { return rintf(x); }
DEVICE double grid_rint(double x) { return rint(x); }

// Folded into a range whose ends are given twice as large.
template <class V> DEVICE V grid_reflected(V x, i64 twice_low, i64 twice_high) {
    if (twice_low == twice_high) return 0;
    V low = (V) twice_low / 2, span = (V) (twice_high - twice_low) / 2, away = x < low ? low - x : x - low;
    V flips = k_floor(away / span), rest = away - flips * span;
    return k_fmod(flips, (V) 2) == 0 ? rest + low : span - rest + low;
}
template <class V> DEVICE V grid_padded(const grid_args& p, V x, i64 n) {
    if (p.padding == GRID_ZEROS) return x;
    V y = p.padding == GRID_BORDER ? x : p.align ? grid_reflected(x, 0, 2 * (n - 1)) : grid_reflected(x, -1, 2 * n - 1);
    if (y != y) return 0;
    return y < 0 ? 0 : y > (V) (n - 1) ? (V) (n - 1) : y;
}
template <class V> DEVICE V grid_place(const grid_args& p, V g, i64 n) {
    return p.align ? (g + 1) / 2 * (V) (n - 1) : ((g + 1) * (V) n - 1) / 2;
}
// Keys' cubic convolution with a = -0.75.
template <class V> DEVICE V grid_keys(V x) {
    V a = (V) -0.75;
    x = x < 0 ? -x : x;
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return ((x - 5) * x + 8) * a * x - 4 * a;
    return 0;
}

// The places of one dimension that count, -1 outside, and their weights.
template <class V> struct grid_taps {
    int count;
    i64 at[4];
    V weight[4];
};
template <class V> DEVICE grid_taps<V> grid_aim(const grid_args& p, V g, i64 n) {
    grid_taps<V> taps;
    V x = grid_place(p, g, n);
    if (p.mode == GRID_LINEAR || p.mode == GRID_NEAREST) x = grid_padded(p, x, n);
    V low = p.mode == GRID_NEAREST ? grid_rint(x) : k_floor(x), t = x - low;
    taps.count = p.mode == GRID_NEAREST ? 1 : p.mode == GRID_LINEAR ? 2 : 4;
    for (int k = 0; k < taps.count; k++) {
        V place = taps.count == 4 ? grid_padded(p, low - 1 + k, n) : low + k;
        taps.at[k] = place >= 0 && place < (V) n ? (i64) place : -1;
        taps.weight[k] = taps.count == 1 ? (V) 1 : taps.count == 2 ? (k == 0 ? 1 - t : t) : grid_keys(t + 1 - k);
    }
    return taps;
}

template <class T> DEVICE void grid_sample(const grid_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.points; i += k_step()) {
        k_coordinates c = k_locate(i, p.dims);
        const T* grid = (const T*) p.grid + k_position(c, p.grid_strides);
        i64 step = p.grid_strides.of[4];
        grid_taps<V> z, y, x;
        x = grid_aim(p, (V) k_value(grid[0]), p.size[2]);
        y = grid_aim(p, (V) k_value(grid[step]), p.size[1]);
        z.count = 1;
        z.at[0] = 0;
        z.weight[0] = 1;
        if (p.rank == 3) z = grid_aim(p, (V) k_value(grid[2 * step]), p.size[0]);
        for (i64 channel = 0; channel < p.channels; channel++) {
            const T* in = (const T*) p.in + c.of[0] * p.in_strides.of[0] + channel * p.in_strides.of[1];
            V sum = 0;
            for (int d = 0; d < z.count; d++) {
                for (int h = 0; h < y.count; h++) {
                    for (int w = 0; w < x.count; w++) {
                        if (z.at[d] < 0 || y.at[h] < 0 || x.at[w] < 0) continue;
                        V v = k_value(in[z.at[d] * p.in_strides.of[2] + y.at[h] * p.in_strides.of[3] + x.at[w] * p.in_strides.of[4]]);
                        sum += z.weight[d] * y.weight[h] * x.weight[w] * v;
                    }
                }
            }
            i64 to = c.of[0] * p.out_strides.of[0] + channel * p.out_strides.of[1] + c.of[1] * p.out_strides.of[2]
                + c.of[2] * p.out_strides.of[3] + c.of[3] * p.out_strides.of[4];
            k_store((T*) p.out + to, sum);
        }
    }
}

}  // namespace cresset
