// Attention: softmax(scale q k' + mask) v for each of many batches, with scores that never get to memory. A block keeps 64 rows of q
// and goes through the keys in tiles, with the largest score so far and the sum of exponentials for each row; what it has summed is
// scaled down when a larger score comes. Everything is in float32 but operands of tensor cores. The order of operations follows from
// the sizes alone.
//
// Where there are few rows and many keys, a block takes a part of the keys and leaves its state, and attention_join joins the parts.
// A row that sees no key divides 0 by 0, as the softmax of nothing but -inf does, or gives zeros if told to.
namespace cresset {

#define ATTENTION_ROWS 64

struct attention_args {
    const void *q, *k, *v, *mask;
    void* out;
    float* states;         // with several parts: of each row and part the largest score, the sum, and a value for each column
    i64 batches, rows, keys, width, value_width;
    i64 tiles, parts, part_keys;
    i64 q_row, k_row, v_row, out_row, mask_row, mask_key;
    i64 mask_kind;         // 0: none; 1: bool, where it is false a score is `hidden`; 2: of q's type, added
    i64 causal;            // row i sees keys up to i
    i64 aligned;           // rows begin, and batches too, at multiples of what a thread moves at once
    i64 empty_is_zero;
    double scale, hidden;
    k_dims batch;
    k_strides q_batch, k_batch, v_batch, out_batch, mask_batch;
};

// What a block works on: rows from `first` on, keys `from` … `to`.
template <class T> struct attention_item {
    const T *q, *k, *v;
    const void* mask;
    T* out;
    float* states;         // of row 0
    int first, from, to;
};

template <class T> DEVICE attention_item<T> attention_find(const attention_args& p, i64 number) {
    attention_item<T> a;
    i64 part = number % p.parts, tile = number / p.parts % p.tiles, batch = number / p.parts / p.tiles;
    if (p.causal) tile = p.tiles - 1 - tile;   // the longest first
    k_coordinates c = k_locate(batch, p.batch);
    a.q = (const T*) p.q + k_position(c, p.q_batch);
    a.k = (const T*) p.k + k_position(c, p.k_batch);
    a.v = (const T*) p.v + k_position(c, p.v_batch);
    a.out = (T*) p.out + k_position(c, p.out_batch);
    a.mask = (const char*) p.mask + k_position(c, p.mask_batch) * (p.mask_kind == 1 ? 1 : (i64) sizeof(T));
    a.states = p.states + (batch * p.rows * p.parts + part) * (p.value_width + 2);
    a.first = (int) tile * ATTENTION_ROWS;
    a.from = (int) (part * p.part_keys);
    a.to = (int) k_min(p.keys, a.from + p.part_keys);
    if (p.causal) a.to = min(a.to, a.first + ATTENTION_ROWS);
    return a;
}

// What a row sees of a tile of keys: those from 0 to `last`, and their elements of the mask, from `mask` on.
struct attention_view {
    const void* mask;
    int last;
};

// Rows that are none have the mask of the last one.
template <class T> DEVICE attention_view attention_look(const attention_args& p, const attention_item<T>& a, int tile, int row) {
    attention_view view;
    i64 at = min(row, (int) p.rows - 1) * p.mask_row + tile * p.mask_key;
    view.mask = (const char*) a.mask + at * (p.mask_kind == 1 ? 1 : (i64) sizeof(T));
    view.last = (p.causal ? min(row, a.to - 1) : a.to - 1) - tile;
    return view;
}

// A product as a score. @param key in the tile
template <class T> DEVICE float attention_score(const attention_args& p, attention_view view, float product, int key) {
    float score = product * (float) p.scale;
    if (p.mask_kind != 0 && key <= view.last) {
        i64 at = (i64) key * (int) p.mask_key;
        if (p.mask_kind == 1) score = ((const b8*) view.mask)[at].bits ? score : (float) p.hidden;
        else score += k_value(((const T*) view.mask)[at]);
    }
    return key <= view.last ? score : -F_INF;
}

DEVICE float attention_exp(float score, float top) { return exp2f((score - top) * 1.44269504f); }

// The state of a row, but for what was summed of values.
struct attention_row { float top, sum, base; };

// Takes note of a tile's largest score. Returns what former sums are to be multiplied by. NaN among scores shows in their exponentials.
DEVICE float attention_rise(attention_row& r, float top) {
    float before = r.top;
    r.top = fmaxf(before, top);
    r.base = r.top == -F_INF ? 0 : r.top;      // nothing was seen: exp(-inf - 0) is 0
    float scale = attention_exp(before, r.base);
    r.sum *= scale;
    return scale;
}

DEVICE float attention_divided(const attention_args& p, float value, float sum) { return sum == 0 && p.empty_is_zero ? 0 : value / sum; }

// Joins the parts of each element in their order.
template <class T> DEVICE void attention_join(const attention_args& p) {
    for (i64 i = k_first(); i < p.batches * p.rows * p.value_width; i += k_step()) {
        i64 line = i / p.value_width, column = i - line * p.value_width, batch = line / p.rows;
        const float* states = p.states + line * p.parts * (p.value_width + 2);
        float top = -F_INF, sum = 0, value = 0;
        for (i64 s = 0; s < p.parts; s++) top = fmaxf(top, states[s * (p.value_width + 2)]);
        float base = top == -F_INF ? 0 : top;
        for (i64 s = 0; s < p.parts; s++) {
            const float* state = states + s * (p.value_width + 2);
            float scale = attention_exp(state[0], base);
            sum += scale * state[1];
            value += scale * state[2 + column];
        }
        i64 at = k_position(batch, p.batch, p.out_batch) + (line - batch * p.rows) * p.out_row + column;
        k_store((T*) p.out + at, attention_divided(p, value, sum));
    }
}

// ---- by multiplications and additions, 256 threads

#define ATTENTION_CHUNK 32

typedef k_pack<float, 4> attention_four;

template <class T> DEVICE attention_four attention_load(const T* row, int at, int width, bool aligned) {
    attention_four x = {{0, 0, 0, 0}};
    if (aligned && at + 4 <= width) {
        k_pack<T, 4> raw = *(const k_pack<T, 4>*) (row + at);
#pragma unroll
        for (int i = 0; i < 4; i++) x.e[i] = k_value(raw.e[i]);
    } else {
#pragma unroll
        for (int i = 0; i < 4; i++) if (at + i < width) x.e[i] = k_value(row[at + i]);
    }
    return x;
}

// Where a tile of 64 rows, transposed, has line k of the four rows 4 g … 4 g + 3. Stirred so that neither the eight threads that write
// neighbouring lines of one row meet in a bank, nor those that read a line of different rows.
DEVICE int attention_at(int k, int g) { return k * 16 + (g ^ (k >> 2 & 7)); }

// 64 rows, ATTENTION_CHUNK columns of them, transposed.
template <class T> DEVICE void attention_bring(attention_four* to, const T* from, i64 stride, int first, int end, int column, int width, bool aligned) {
    const int PARTS = ATTENTION_CHUNK / 4;
#pragma unroll
    for (int n = threadIdx.x; n < ATTENTION_ROWS * PARTS; n += BLOCK) {
        int row = n / PARTS, part = n % PARTS;
        attention_four x = attention_load(from + (i64) (first + row) * stride, column + part * 4, first + row < end ? width : 0, aligned);
#pragma unroll
        for (int i = 0; i < 4; i++) to[attention_at(part * 4 + i, row / 4)].e[row % 4] = x.e[i];
    }
}

// Thread (y, x) of 16 x 16 has rows 4 y … 4 y + 3; of scores the keys 4 x … 4 x + 3 of a tile of 64, of results PACK columns of each of
// GROUPS groups of 16 PACK. q and k pass through shared memory in chunks of columns, v in chunks of keys, so that 32 KB do for any width. Loops
// are unrolled as far as two blocks fit into the registers of a multiprocessor.
template <class T, int WIDTH> DEVICE void attention_plain(const attention_args& p) {
    const int KEYS = 64, PACK = WIDTH % 64 == 0 ? 4 : 2, GROUPS = WIDTH / 16 / PACK;
    const int VALUES = WIDTH <= 64 ? 64 : WIDTH <= 128 ? 32 : 16;
    typedef k_pack<float, PACK> pack;
    __shared__ attention_four weights[KEYS * 16], work[2 * ATTENTION_CHUNK * 16];
    attention_four *q_chunk = work, *k_chunk = work + ATTENTION_CHUNK * 16;
    pack* v_chunk = (pack*) work;
    const int x = threadIdx.x % 16, y = threadIdx.x / 16, width = (int) p.width, value_width = (int) p.value_width;
    for (i64 item = blockIdx.x; item < p.batches * p.tiles * p.parts; item += gridDim.x) {
        attention_item<T> a = attention_find<T>(p, item);
        attention_row state[4];
        float sums[4][GROUPS * PACK];
#pragma unroll
        for (int i = 0; i < 4; i++) {
            state[i].top = -F_INF;
            state[i].sum = 0;
#pragma unroll
            for (int j = 0; j < GROUPS * PACK; j++) sums[i][j] = 0;
        }
        for (int tile = a.from; tile < a.to; tile += KEYS) {
            float score[4][4] = {};
            for (int column = 0; column < width; column += ATTENTION_CHUNK) {
                __syncthreads();       // the chunks before have been read
                attention_bring(q_chunk, a.q, p.q_row, a.first, (int) p.rows, column, width, p.aligned);
                attention_bring(k_chunk, a.k, p.k_row, tile, a.to, column, width, p.aligned);
                __syncthreads();
#pragma unroll 2
                for (int c = 0; c < ATTENTION_CHUNK; c++) {
                    attention_four r = q_chunk[attention_at(c, y)], s = k_chunk[attention_at(c, x)];
#pragma unroll
                    for (int i = 0; i < 4; i++)
#pragma unroll
                        for (int j = 0; j < 4; j++) score[i][j] += r.e[i] * s.e[j];
                }
            }
#pragma unroll
            for (int i = 0; i < 4; i++) {
                attention_view view = attention_look(p, a, tile, a.first + y * 4 + i);
                float top = -F_INF;
#pragma unroll
                for (int j = 0; j < 4; j++) top = fmaxf(top, score[i][j] = attention_score<T>(p, view, score[i][j], x * 4 + j));
#pragma unroll
                for (int mask = 1; mask < 16; mask <<= 1) top = fmaxf(top, __shfl_xor_sync(ALL_LANES, top, mask));
                float scale = attention_rise(state[i], top);
#pragma unroll
                for (int j = 0; j < GROUPS * PACK; j++) sums[i][j] *= scale;
#pragma unroll
                for (int j = 0; j < 4; j++) state[i].sum += score[i][j] = attention_exp(score[i][j], state[i].base);
            }
#pragma unroll
            for (int j = 0; j < 4; j++) {
                attention_four column = {{score[0][j], score[1][j], score[2][j], score[3][j]}};
                weights[attention_at(x * 4 + j, y)] = column;
            }
            for (int from = 0; from < KEYS && tile + from < a.to; from += VALUES) {
                __syncthreads();       // the weights are there, the chunks before have been read
#pragma unroll 1
                for (int n = threadIdx.x; n < VALUES * WIDTH / 4; n += BLOCK) {
                    int key = n / (WIDTH / 4), column = n % (WIDTH / 4) * 4;
                    int line = tile + from + key;
                    work[n] = attention_load(a.v + (i64) line * p.v_row, column, line < a.to ? value_width : 0, p.aligned);
                }
                __syncthreads();
#pragma unroll 4
                for (int key = 0; key < VALUES; key++) {
                    attention_four w = weights[attention_at(from + key, y)];
#pragma unroll
                    for (int g = 0; g < GROUPS; g++) {
                        pack v = v_chunk[(key * GROUPS + g) * 16 + x];
#pragma unroll
                        for (int i = 0; i < 4; i++)
#pragma unroll
                            for (int c = 0; c < PACK; c++) sums[i][g * PACK + c] += w.e[i] * v.e[c];
                    }
                }
            }
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
            int row = a.first + y * 4 + i;
            float sum = state[i].sum;
#pragma unroll
            for (int mask = 1; mask < 16; mask <<= 1) sum += __shfl_xor_sync(ALL_LANES, sum, mask);
            if (row >= p.rows) continue;
            float* states = a.states + row * p.parts * (p.value_width + 2);
            if (p.parts > 1 && x == 0) {
                states[0] = state[i].top;
                states[1] = sum;
            }
#pragma unroll
            for (int g = 0; g < GROUPS; g++) {
#pragma unroll
                for (int c = 0; c < PACK; c++) {
                    int column = (g * 16 + x) * PACK + c;
                    if (column >= value_width) continue;
                    if (p.parts > 1) states[2 + column] = sums[i][g * PACK + c];
                    else k_store(a.out + row * p.out_row + column, attention_divided(p, sums[i][g * PACK + c], sum));
                }
            }
        }
    }
}

// ---- by tensor cores, 128 threads, for 16-bit types and, rounded to TF32 or split, float, whose rows and widths are multiples of 16 bytes

// 16 bytes of a row.
template <class T> using attention_line = k_pack<T, 16 / sizeof(T)>;

// 16 aligned bytes each of a tile of rows; lines of shared memory are 16 bytes longer than rows, so that the eight lines of a matrix
// lie in different banks.
template <class T, int WIDTH, int LINES>
DEVICE void attention_fetch(attention_line<T>* to, const T* from, i64 stride, int first, int end, int width) {
    const int PACK = 16 / sizeof(T), PARTS = WIDTH / PACK;
#pragma unroll 2
    for (int n = threadIdx.x; n < LINES * PARTS; n += 128) {
        int line = n / PARTS, part = n % PARTS;
        bool is_there = first + line < end && part * PACK < width;
        k_bring(to + line * (PARTS + 1) + part, is_there ? from + (i64) (first + line) * stride + part * PACK : from, is_there);
    }
}

template <class T> DEVICE u32 attention_word(const T* from, i64 stride, int row, int end, int column, int width) {
    return row < end && column < width ? *(const u32*) (from + (i64) row * stride + column) : 0;
}

// The words of a fragment of q: 16 rows from `row` on, 32 bytes of columns from `column` on.
template <class T> DEVICE void attention_rows(u32 (&r)[4], const attention_args& p, const T* q, int row, int column) {
    const int WORD = 4 / sizeof(T);
    row += k_lane() / 4;
    column += k_lane() % 4 * WORD;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        r[i] = attention_word(q, p.q_row, row + (i & 1) * 8, (int) p.rows, column + (i >> 1) * 4 * WORD, (int) p.width);
    }
}

// sums += weights times values. Scores of two neighbouring tiles of 8 keys are, as exponentials, a left operand, in the registers where
// they are.
template <int WIDTH, int KEYS, class T> DEVICE void attention_add(T type, float (&sums)[WIDTH / 8][4], float (&score)[KEYS / 8][4], const attention_line<T>* v_tile) {
    const int LINE = WIDTH / 8 + 1, key = k_lane() % 16, part = k_lane() / 16;
#pragma unroll
    for (int s = 0; s < KEYS / 16; s++) {
        u32 w[4];
#pragma unroll
        for (int i = 0; i < 4; i++) w[i] = k_pair(type, score[2 * s + (i >> 1)][(i & 1) * 2], score[2 * s + (i >> 1)][(i & 1) * 2 + 1]);
#pragma unroll
        for (int n = 0; n < WIDTH / 16; n++) {
            u32 b[4];
            k_matrices_transposed(b, v_tile + (s * 16 + key) * LINE + n * 2 + part);
            k_mma(type, sums[2 * n], w, b[0], b[1]);
            k_mma(type, sums[2 * n + 1], w, b[2], b[3]);
        }
    }
}

// Of float those of one tile are, if keys 2 i and 2 i + 1 are taken for columns i and i + 4: a sum does not ask for the order.
template <int WIDTH, int KEYS, class Operands>
DEVICE void attention_add_float(float (&sums)[WIDTH / 8][4], float (&score)[KEYS / 8][4], const attention_line<float>* v_tile) {
    const int LINE = WIDTH + 4;     // in floats: lines of pairs of keys begin 8 banks apart
    const u32* values = (const u32*) v_tile + k_lane() % 4 * 2 * LINE + k_lane() / 4;
#pragma unroll
    for (int s = 0; s < KEYS / 8; s++) {
        u32 words[4];
        Operands w, b;
#pragma unroll
        for (int i = 0; i < 4; i++) words[i] = __float_as_uint(score[s][(i & 1) * 2 + (i >> 1)]);
        k_take(0.0f, w, words);
#pragma unroll
        for (int n = 0; n < WIDTH / 16; n++) {
#pragma unroll
            for (int i = 0; i < 4; i++) words[i] = values[(s * 8 + (i & 1)) * LINE + n * 16 + (i >> 1) * 8];
            k_take(0.0f, b, words);
            k_multiply(0.0f, sums[2 * n], w, b, 0);
            k_multiply(0.0f, sums[2 * n + 1], w, b, 1);
        }
    }
}

// Two neighbouring elements of a result.
template <class T> DEVICE void attention_put(T* to, float low, float high) { *(u32*) to = k_pair(T(), low, high); }
DEVICE void attention_put(float* to, float low, float high) {
    k_pack<float, 2> both = {{low, high}};
    *(k_pack<float, 2>*) to = both;
}

// Keys that a tile has: as many as registers and 48 KB take.
template <class T, int WIDTH> DEVICE constexpr int attention_keys() { return WIDTH > 128 ? 16 : WIDTH * sizeof(T) < 256 ? 64 : 32; }

template <class T, int WIDTH> struct attention_tiles {
    static const int LINE = WIDTH * sizeof(T) / 16 + 1;
    attention_line<T> k[attention_keys<T, WIDTH>() * LINE], v[attention_keys<T, WIDTH>() * LINE];
};

// A warp has 16 rows. v is on its way while scores are computed, the next keys while v is used. Rows wider than 128, and those
// that are split, do not fit into registers beside the results and are read again for each tile. Returns whether this thread met a number that is not finite.
template <class T, int WIDTH, class Operands> DEVICE bool attention_do(const attention_args& p, i64 item, attention_tiles<T, WIDTH>& tiles) {
    const int PACK = 16 / sizeof(T), STEPS = WIDTH / PACK / 2, LINE = attention_tiles<T, WIDTH>::LINE;
    const int KEPT = WIDTH <= 128 && Operands::ARE_LEAN ? STEPS : 1;
    const int KEYS = Operands::ARE_LEAN ? attention_keys<T, WIDTH>() : 32;
    attention_line<T>*const k_tile = tiles.k, *const v_tile = tiles.v;
    const T type = T();
    const int lane = k_lane(), g = lane / 4, t = lane % 4 * 2, width = (int) p.width, value_width = (int) p.value_width;
    const int k_key = lane / 16 * 8 + lane % 8, k_part = lane / 8 % 2;      // where a lane says a row of a matrix is
    attention_item<T> a = attention_find<T>(p, item);
    int first = a.first + (int) threadIdx.x / WARP * 16;
    bool has_rows = first < p.rows;
    float zero = 0;            // or NaN
    attention_row state[2] = {{-F_INF, 0, 0}, {-F_INF, 0, 0}};
    float sums[WIDTH / 8][4] = {};
    u32 rows[KEPT][4];
    if (KEPT > 1) {
#pragma unroll
        for (int s = 0; s < KEPT; s++) attention_rows(rows[s], p, a.q, first, s * 2 * PACK);
    }
    __syncthreads();           // the last values of the item before have been read
    if (a.from < a.to) attention_fetch<T, WIDTH, KEYS>(k_tile, a.k, p.k_row, a.from, a.to, width);
    for (int tile = a.from; tile < a.to; tile += KEYS) {
        k_arrived();
        __syncthreads();       // the keys are there, the values before have been read
        attention_fetch<T, WIDTH, KEYS>(v_tile, a.v, p.v_row, tile, a.to, value_width);
        float score[KEYS / 8][4] = {};
        if (has_rows) {
#pragma unroll (KEPT > 1 ? STEPS : WIDTH <= 64 ? 2 : 1)
            for (int s = 0; s < STEPS; s++) {
                if (KEPT == 1) attention_rows(rows[0], p, a.q, first, s * 2 * PACK);
                Operands r, b;
                k_take(type, r, rows[KEPT == 1 ? 0 : s]);
#pragma unroll
                for (int n = 0; n < KEYS / 16; n++) {
                    u32 words[4];
                    k_matrices(words, k_tile + (n * 16 + k_key) * LINE + s * 2 + k_part);
                    k_take(type, b, words);
                    k_multiply(type, score[2 * n], r, b, 0);
                    k_multiply(type, score[2 * n + 1], r, b, 1);
                }
            }
        }
        k_arrived();
        __syncthreads();   // the values are there, the keys have been read
        if (tile + KEYS < a.to) attention_fetch<T, WIDTH, KEYS>(k_tile, a.k, p.k_row, tile + KEYS, a.to, width);
        if (!has_rows) continue;
        float top[2] = {-F_INF, -F_INF};
#pragma unroll
        for (int r = 0; r < 2; r++) {
            attention_view view = attention_look(p, a, tile, first + g + r * 8);
#pragma unroll
            for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
                for (int i = 2 * r; i < 2 * r + 2; i++) {
                    zero += 0 * score[n][i];
                    top[r] = fmaxf(top[r], score[n][i] = attention_score<T>(p, view, score[n][i], n * 8 + t + (i & 1)));
                }
            }
        }
        float scale[2];
#pragma unroll
        for (int r = 0; r < 2; r++) {
            top[r] = fmaxf(top[r], __shfl_xor_sync(ALL_LANES, top[r], 1));
            top[r] = fmaxf(top[r], __shfl_xor_sync(ALL_LANES, top[r], 2));
            scale[r] = attention_rise(state[r], top[r]);
        }
#pragma unroll
        for (int n = 0; n < WIDTH / 8; n++)
#pragma unroll
            for (int i = 0; i < 4; i++) sums[n][i] *= scale[i >> 1];
#pragma unroll
        for (int n = 0; n < KEYS / 8; n++)
#pragma unroll
            for (int i = 0; i < 4; i++) state[i >> 1].sum += score[n][i] = attention_exp(score[n][i], state[i >> 1].base);
        if constexpr (sizeof(T) == 4) attention_add_float<WIDTH, KEYS, Operands>(sums, score, v_tile);
        else attention_add<WIDTH, KEYS>(type, sums, score, v_tile);
    }
    if (!has_rows) return false;
#pragma unroll
    for (int r = 0; r < 2; r++) {
        int row = first + g + r * 8;
        float sum = state[r].sum;
        sum += __shfl_xor_sync(ALL_LANES, sum, 1);
        sum += __shfl_xor_sync(ALL_LANES, sum, 2);
        if (row >= p.rows) continue;
        float* states = a.states + row * p.parts * (p.value_width + 2);
        if (p.parts > 1 && t == 0) {
            states[0] = state[r].top;
            states[1] = sum;
        }
#pragma unroll
        for (int n = 0; n < WIDTH / 8; n++) {
            int column = n * 8 + t;
            if (column >= value_width) continue;
            float low = sums[n][r * 2], high = sums[n][r * 2 + 1];
            zero += 0 * low + 0 * high;
            if (p.parts > 1) {
                states[2 + column] = low;
                states[3 + column] = high;
            } else {
                attention_put(a.out + row * p.out_row + column, attention_divided(p, low, sum), attention_divided(p, high, sum));
            }
        }
    }
    return zero != 0;
}

template <class T, int WIDTH> DEVICE void attention_rounded(const attention_args& p) {
    __shared__ attention_tiles<T, WIDTH> tiles;
    for (i64 item = blockIdx.x; item < p.batches * p.tiles * p.parts; item += gridDim.x) attention_do<T, WIDTH, k_rounded>(p, item, tiles);
}

// Of float. Numbers that are not finite have no two parts: then without tensor cores, from the beginning.
template <class T, int WIDTH> DEVICE void attention_split(const attention_args& p) {
    __shared__ attention_tiles<T, WIDTH> tiles;
    for (i64 item = blockIdx.x; item < p.batches * p.tiles * p.parts; item += gridDim.x) {
        bool is_odd = attention_do<T, WIDTH, k_split>(p, item, tiles);
        if (__syncthreads_or(is_odd)) attention_do<T, WIDTH, k_whole>(p, item, tiles);
    }
}

}  // namespace cresset
