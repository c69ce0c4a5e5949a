// Products of matrices of few rows, C = A B' of row-major A (rows x depth) and B (columns x depth), one tile of C after the other: a block
// of 128 threads has ROWS x 64 elements of C and brings A and B to shared memory in slices of 128 bytes, the next ones on their way
// while one is used. Sums are float32, in an order that follows from the sizes alone. Where there are few tiles the depth is cut into
// parts, whose sums get to memory and are added up in their order by another kernel.
namespace cresset {

#define TILE_COLUMNS 64
#define TILE_THREADS 128
#define TILE_PACKS 8                // of 16 bytes: a line of a slice
#define TILE_LINE (TILE_PACKS + 1)  // as it lies in shared memory: eight lines begin in different banks
#define TILE_SUMS (TILE_COLUMNS + 4)

struct tile_args {
    const void *a, *b;
    float* sums;                // of parts: part, row, column
    i64 rows, columns, depth;
    i64 a_row, b_row;           // elements from one row to the next
    i64 parts, part_depth;      // whole slices
    i64 aligned;                // rows of both begin, and end, at multiples of 16 bytes
};

template <class T> using tile_pack = k_pack<T, 16 / sizeof(T)>;

// What a block works on: a part of the depth, and where the tile begins.
struct tile_item {
    i64 part, row, column, from, to;
};

template <int ROWS> DEVICE i64 tile_items(const tile_args& p) {
    return (p.rows + ROWS - 1) / ROWS * ((p.columns + TILE_COLUMNS - 1) / TILE_COLUMNS) * p.parts;
}

// Tiles that read the same of B come one after the other.
template <int ROWS> DEVICE tile_item tile_find(const tile_args& p, i64 number) {
    i64 down = (p.rows + ROWS - 1) / ROWS, across = (p.columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
    tile_item at;
    at.row = number % down * ROWS;
    at.column = number / down % across * TILE_COLUMNS;
    at.part = number / down / across;
    at.from = at.part * p.part_depth;
    at.to = k_min(p.depth, at.from + p.part_depth);
    return at;
}

// A slice of LINES rows; zeros for what is not there.
template <class T, int LINES>
DEVICE void tile_bring(tile_pack<T>* to, const T* from, i64 stride, i64 first, i64 end, i64 column, i64 width, bool aligned) {
    const int PACK = 16 / sizeof(T);
    const int part = threadIdx.x % TILE_PACKS;
    column += part * PACK;
#pragma unroll
    for (int line = threadIdx.x / TILE_PACKS; line < LINES; line += TILE_THREADS / TILE_PACKS) {
        const T* at = from + (first + line) * stride + column;
        tile_pack<T>* place = to + line * TILE_LINE + part;
        if (aligned) {
            bool is_there = first + line < end && column < width;
            k_bring(place, is_there ? at : from, is_there);
        } else {
            tile_pack<T> x;
#pragma unroll
            for (int i = 0; i < PACK; i++) x.e[i] = first + line < end && column + i < width ? at[i] : T();
            *place = x;
        }
    }
}

// Sums of a tile by multiplications and additions of float32. Thread (y, x) of 8 x 16 has every eighth row and every sixteenth column.
template <class T, int ROWS> struct tile_plain {
    float c[ROWS / 8][4];

    __device__ __forceinline__ tile_plain() {
#pragma unroll
        for (int i = 0; i < ROWS / 8; i++)
#pragma unroll
            for (int j = 0; j < 4; j++) c[i][j] = 0;
    }

    // A slice of both.
    __device__ __forceinline__ void add(const tile_pack<T>* a, const tile_pack<T>* b) {
        const int x = threadIdx.x % 16, y = threadIdx.x / 16;
#pragma unroll 1
        for (int k = 0; k < TILE_PACKS; k++) {
            tile_pack<T> w[4];
#pragma unroll
            for (int j = 0; j < 4; j++) w[j] = b[(x + j * 16) * TILE_LINE + k];
#pragma unroll
            for (int i = 0; i < ROWS / 8; i++) {
                tile_pack<T> r = a[(y + i * 8) * TILE_LINE + k];
#pragma unroll
                for (int e = 0; e < (int) (16 / sizeof(T)); e++)
#pragma unroll
                    for (int j = 0; j < 4; j++) c[i][j] += k_value(r.e[e]) * k_value(w[j].e[e]);
            }
        }
    }

    __device__ __forceinline__ void put(float* sums) {
        const int x = threadIdx.x % 16, y = threadIdx.x / 16;
#pragma unroll
        for (int i = 0; i < ROWS / 8; i++)
#pragma unroll
            for (int j = 0; j < 4; j++) sums[(y + i * 8) * TILE_SUMS + x + j * 16] = c[i][j];
    }
};

// By tensor cores, as Operands say: float32 rounded to TF32, or split. A warp has 16 columns and all rows.
template <class T, int ROWS, class Operands> struct tile_tensor {
    static const int UNROLLED = Operands::ARE_LEAN ? 4 : ROWS > 32 ? 1 : 2;     // what there are registers for
    float c[ROWS / 16][2][4];

    __device__ __forceinline__ tile_tensor() {
#pragma unroll
        for (int r = 0; r < ROWS / 16; r++)
#pragma unroll
            for (int i = 0; i < 8; i++) c[r][i / 4][i % 4] = 0;
    }

    __device__ __forceinline__ void add(const tile_pack<T>* a, const tile_pack<T>* b) {
        const int lane = k_lane();
        a += (lane / 8 % 2 * 8 + lane % 8) * TILE_LINE + lane / 16;
        b += (threadIdx.x / WARP * 16 + lane / 16 * 8 + lane % 8) * TILE_LINE + lane / 8 % 2;
#pragma unroll (UNROLLED)
        for (int k = 0; k < TILE_PACKS; k += 2) {
            u32 words[4];
            Operands x, y;
            k_matrices(words, b + k);
            k_take(T(), y, words);
#pragma unroll
            for (int r = 0; r < ROWS / 16; r++) {
                k_matrices(words, a + r * 16 * TILE_LINE + k);
                k_take(T(), x, words);
                k_multiply(T(), c[r][0], x, y, 0);
                k_multiply(T(), c[r][1], x, y, 1);
            }
        }
    }

    __device__ __forceinline__ bool are_finite() const {
        float zero = 0;
#pragma unroll
        for (int r = 0; r < ROWS / 16; r++)
#pragma unroll
            for (int i = 0; i < 8; i++) zero += 0 * c[r][i / 4][i % 4];
        return zero == 0;
    }

    __device__ __forceinline__ void put(float* sums) {
        const int lane = k_lane();
        sums += lane / 4 * TILE_SUMS + threadIdx.x / WARP * 16 + lane % 4 * 2;
#pragma unroll
        for (int r = 0; r < ROWS / 16; r++)
#pragma unroll
            for (int i = 0; i < 8; i++) sums[(r * 16 + i % 4 / 2 * 8) * TILE_SUMS + i / 4 * 8 + i % 2] = c[r][i / 4][i % 4];
    }
};

template <class T, int ROWS> using tile_rounded = tile_tensor<T, ROWS, k_rounded>;
template <class T, int ROWS> using tile_split = tile_tensor<T, ROWS, k_split>;

// Whether sums have all that is to be known about numbers that are not finite.
template <class Sums> struct tile_is_whole { static const bool VALUE = true; };
template <int ROWS> struct tile_is_whole<tile_split<float, ROWS>> { static const bool VALUE = false; };

// What a slice of both takes, in packs of 16 bytes.
template <int ROWS> DEVICE constexpr int tile_slice() { return (ROWS + TILE_COLUMNS) * TILE_LINE; }

// Leaves a tile's sums in shared memory, for all threads: row r, column c at [r * TILE_SUMS + c]. What was there before has been read.
// The memory has room for STAGES slices, of which one is used and the others are on their way.
template <class T, int ROWS, int STAGES, class Sums> DEVICE const float* tile_multiply(const tile_args& p, const tile_item& at, char* memory) {
    const int DEPTH = TILE_PACKS * 16 / sizeof(T);
    tile_pack<T>* tiles = (tile_pack<T>*) memory;
    const int slices = (int) ((at.to - at.from + DEPTH - 1) / DEPTH);
    Sums sums;
#pragma unroll 1
    for (int s = 1 - STAGES; s < slices; s++) {
        if (s >= 0) {
            k_arrived_but<STAGES - 2>();
            __syncthreads();       // slice s is there, the one before has been used
        }
        int next = s + STAGES - 1;
        if (next < slices) {
            tile_pack<T>* to = tiles + next % STAGES * tile_slice<ROWS>();
            tile_bring<T, ROWS>(to, (const T*) p.a, p.a_row, at.row, p.rows, at.from + next * DEPTH, at.to, p.aligned);
            tile_bring<T, TILE_COLUMNS>(to + ROWS * TILE_LINE, (const T*) p.b, p.b_row, at.column, p.columns, at.from + next * DEPTH, at.to, p.aligned);
        }
        k_end_group();
        if (s >= 0) {
            const tile_pack<T>* slice = tiles + s % STAGES * tile_slice<ROWS>();
            sums.add(slice, slice + ROWS * TILE_LINE);
        }
    }
    if constexpr (tile_is_whole<Sums>::VALUE) __syncthreads();
    else if (__syncthreads_or(!sums.are_finite())) return tile_multiply<T, ROWS, STAGES, tile_plain<T, ROWS>>(p, at, memory);
    sums.put((float*) memory);
    __syncthreads();
    return (const float*) memory;
}

// The sums of a part, to memory.
template <class T, int ROWS, int STAGES, class Sums> DEVICE void tile_part(const tile_args& p) {
    extern __shared__ __align__(16) char tile_memory[];
    for (i64 item = blockIdx.x; item < tile_items<ROWS>(p); item += gridDim.x) {
        tile_item at = tile_find<ROWS>(p, item);
        const float* sums = tile_multiply<T, ROWS, STAGES, Sums>(p, at, tile_memory);
        for (int e = threadIdx.x; e < ROWS * TILE_COLUMNS; e += TILE_THREADS) {
            i64 row = at.row + e / TILE_COLUMNS, column = at.column + e % TILE_COLUMNS;
            if (row < p.rows && column < p.columns) p.sums[(at.part * p.rows + row) * p.columns + column] = sums[e / TILE_COLUMNS * TILE_SUMS + e % TILE_COLUMNS];
        }
        __syncthreads();           // the sums have been read
    }
}

}  // namespace cresset
