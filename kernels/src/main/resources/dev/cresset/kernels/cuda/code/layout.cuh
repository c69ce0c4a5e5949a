// Tensors whose elements follow from their coordinates: ranges, triangles, and copies through a map of each dimension (padding,
// rolling, flipping).
namespace cresset {

// out[c] = in[map(c)], by dimension: from c - before, how positions outside become positions inside.
struct mapped_args {
    const void* in;
    void* out;
    i64 elements;
    k_dims dims;                // of out
    k_strides in_strides, out_strides;
    k_strides in_size, before, mode;
    double fill;                // what constant padding writes, as the bits of an element
};

#define MAP_SAME 0
#define MAP_CONSTANT 1
#define MAP_REFLECT 2
#define MAP_REPLICATE 3
#define MAP_CIRCULAR 4
#define MAP_FLIP 5

DEVICE i64 mapped_position(i64 i, i64 n, i64 mode) {
    switch ((int) mode) {
        case MAP_REFLECT: return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
        case MAP_REPLICATE: return i < 0 ? 0 : i >= n ? n - 1 : i;
        case MAP_CIRCULAR: return k_remainder(i, n);
        case MAP_FLIP: return n - 1 - i;
        default: return i;
    }
}

template <class T> DEVICE void layout_mapped(const mapped_args& p) {
    T fill = {};
    unsigned char* bytes = (unsigned char*) &fill;
#pragma unroll
    for (int i = 0; i < (int) sizeof(T) && i < 8; i++) bytes[i] = (unsigned char) (k_bits(p.fill) >> 8 * i);
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_coordinates c = k_locate(i, p.dims), from;
        bool inside = true;
#pragma unroll
        for (int d = 0; d < MAX_DIMS; d++) {
            from.of[d] = 0;
            if (d >= p.dims.rank) continue;
            from.of[d] = mapped_position(c.of[d] - p.before.of[d], p.in_size.of[d], p.mode.of[d]);
            inside = inside && from.of[d] >= 0 && from.of[d] < p.in_size.of[d];
        }
        T v = fill;
        if (inside) v = ((const T*) p.in)[k_position(from, p.in_strides)];
        ((T*) p.out)[k_position(c, p.out_strides)] = v;
    }
}

// start + i * step for i from 0; integers where both are.
struct range_args {
    void* out;
    i64 elements, integers;
    double start, step;
    i64 start_integer, step_integer;
};

template <class T> DEVICE void layout_range(const range_args& p) {
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        if (p.integers) k_store((T*) p.out + i, k_add(p.start_integer, k_mul(i, p.step_integer)));
        else k_store((T*) p.out + i, p.start + (double) i * p.step);
    }
}

// start … end in equal steps, from the end in the second half, as PyTorch counts.
struct linspace_args {
    void* out;
    i64 elements;
    double start, end;
};

template <class T> DEVICE void layout_linspace(const linspace_args& p) {
    double step = p.elements > 1 ? (p.end - p.start) / (double) (p.elements - 1) : 0;
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_store((T*) p.out + i, i < p.elements / 2 || p.elements == 1 ? p.start + (double) i * step : p.end - (double) (p.elements - 1 - i) * step);
    }
}

// The last two dimensions are a matrix, whose elements above (below) a diagonal become 0.
struct triangle_args {
    const void* in;
    void* out;
    i64 elements, diagonal, upper;
    k_dims dims;
    k_strides in_strides, out_strides;
};

template <class T> DEVICE void layout_triangle(const triangle_args& p) {
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_coordinates c = k_locate(i, p.dims);
        i64 row = 0, column = 0;
#pragma unroll
        for (int d = 0; d < MAX_DIMS; d++) {
            if (d == p.dims.rank - 2) row = c.of[d];
            if (d == p.dims.rank - 1) column = c.of[d];
        }
        T v = {};
        if (p.upper ? column - row >= p.diagonal : column - row <= p.diagonal) v = ((const T*) p.in)[k_position(c, p.in_strides)];
        ((T*) p.out)[k_position(c, p.out_strides)] = v;
    }
}

}  // namespace cresset
