// Stable sorting of lines, with the places elements had; also the first k of them. Elements become numbers that compare as they do:
// NaN above everything, -0 equal to 0; descending order by numbers turned around.
//
// sort_tiles sorts tiles of TILE elements; sort_merge joins neighbouring runs, of TILE, 2 TILE, ... elements, from one half of
// the workspace to the other; sort_store writes the first `kept` elements of each line. A workspace half is lines x length keys
// (8 bytes), then as many places (4 bytes).
namespace cresset {

#define TILE 1024

struct sort_args {
    const void* in;
    void* values;               // or 0
    i64* indices;               // or 0
    void* from;                 // halves of the workspace
    void* to;
    i64 lines, length, kept, descending, run;
    k_dims line;
    k_strides in_line, values_line, indices_line;
    i64 in_stride, values_stride, indices_stride;
};

// Less than means before, so that -1, NaN's place, is the last.
DEVICE u64 sort_key(i64 v) { return (u64) v ^ 0x8000000000000000ull; }
DEVICE u64 sort_key(bool v) { return v; }
DEVICE u64 sort_key(double v) {
    u64 b = v != v ? 0x7ff8000000000000ull : k_bits(v + 0.0);
    return b >> 63 ? ~b : b | 0x8000000000000000ull;
}
DEVICE u64 sort_key(float v) { return sort_key((double) v); }

struct sort_half { u64* key; u32* place; };
DEVICE sort_half sort_of(void* workspace, const sort_args& p) {
    sort_half h = {(u64*) workspace, (u32*) ((u64*) workspace + p.lines * p.length)};
    return h;
}
DEVICE bool sort_before(u64 a, u32 i, u64 b, u32 j) { return a < b || (a == b && i < j); }

// Bitonic, made stable by the places. To the half `to`.
template <class T> DEVICE void sort_tiles(const sort_args& p) {
    __shared__ u64 key[TILE];
    __shared__ u32 place[TILE];
    i64 tiles = (p.length + TILE - 1) / TILE;
    sort_half to = sort_of(p.to, p);
    for (i64 item = blockIdx.x; item < p.lines * tiles; item += gridDim.x) {
        i64 l = item / tiles, first = (item - l * tiles) * TILE;
        const T* in = (const T*) p.in + k_position(l, p.line, p.in_line);
        for (int i = threadIdx.x; i < TILE; i += BLOCK) {
            bool there = first + i < p.length;
            u64 k = there ? sort_key(k_value(in[(first + i) * p.in_stride])) : 0;
            key[i] = !there ? ~0ull : p.descending ? ~k : k;
            place[i] = there ? (u32) (first + i) : ~0u;
        }
        __syncthreads();
        for (int size = 2; size <= TILE; size *= 2) {
            for (int gap = size / 2; gap > 0; gap /= 2) {
                for (int i = threadIdx.x; i < TILE / 2; i += BLOCK) {
                    int a = i / gap * gap * 2 + i % gap, b = a + gap;
                    bool up = (a & size) == 0;
                    if (sort_before(key[b], place[b], key[a], place[a]) == up) {
                        u64 k = key[a];
                        u32 q = place[a];
                        key[a] = key[b];
                        place[a] = place[b];
                        key[b] = k;
                        place[b] = q;
                    }
                }
                __syncthreads();
            }
        }
        for (int i = threadIdx.x; i < TILE; i += BLOCK) {
            if (first + i >= p.length) continue;
            to.key[l * p.length + first + i] = key[i];
            to.place[l * p.length + first + i] = place[i];
        }
        __syncthreads();
    }
}

// Each element finds by bisection how many of the neighbouring run come before it.
DEVICE void sort_merge(const sort_args& p) {
    sort_half from = sort_of(p.from, p), to = sort_of(p.to, p);
    for (i64 at = k_first(); at < p.lines * p.length; at += k_step()) {
        i64 l = at / p.length, i = at - l * p.length, pair = i / (2 * p.run) * (2 * p.run);
        const u64* key = from.key + l * p.length;
        bool left = i - pair < p.run;
        i64 low = left ? pair + p.run : pair, high = left ? pair + 2 * p.run : pair + p.run;
        if (low > p.length) low = p.length;
        if (high > p.length) high = p.length;
        i64 begin = low;
        u64 k = key[i];
        while (low < high) {
            i64 middle = (low + high) / 2;
            if (left ? key[middle] < k : key[middle] <= k) low = middle + 1;
            else high = middle;
        }
        i64 target = pair + (left ? i - pair : i - pair - p.run) + (low - begin);
        to.key[l * p.length + target] = k;
        to.place[l * p.length + target] = from.place[l * p.length + i];
    }
}

// From the half `from`.
template <class T> DEVICE void sort_store(const sort_args& p) {
    sort_half from = sort_of(p.from, p);
    for (i64 at = k_first(); at < p.lines * p.kept; at += k_step()) {
        i64 l = at / p.kept, i = at - l * p.kept, place = from.place[l * p.length + i];
        k_coordinates c = k_locate(l, p.line);
        if (p.values != 0) {
            ((T*) p.values)[k_position(c, p.values_line) + i * p.values_stride] = ((const T*) p.in)[k_position(c, p.in_line) + place * p.in_stride];
        }
        if (p.indices != 0) p.indices[k_position(c, p.indices_line) + i * p.indices_stride] = place;
    }
}

}  // namespace cresset
