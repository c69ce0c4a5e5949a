// Products of small matrices by tensor cores, which a warp computes together, and what brings operands there. Every lane of the warp
// takes part in each. For devices from sm_80 on; for older ones what brings operands copies them at once, and all else compiles and must
// not run. The emulation takes the branches of plain C++: the same fragments in the same lanes, exchanged by shuffles, and copies as late as
// they may be.
//
// Fragments of 16-bit elements, as the PTX ISA lays them out, with g = lane / 4 and t = 2 (lane mod 4); two elements to a word:
//   A, 16 x 16: word 0 is row g, columns t and t + 1; word 1 row g + 8; words 2 and 3 the same rows, columns t + 8 and t + 9
//   B, 16 x 8:  word 0 is rows t and t + 1 of column g; word 1 rows t + 8 and t + 9
//   C, 16 x 8:  floats 0 and 1 are row g, columns t and t + 1; floats 2 and 3 row g + 8
// So two neighbouring C, rounded and paired, are an A. Of TF32, which is float32 with the fraction rounded to ten bits, a word is one
// element, and A is 16 x 8, B 8 x 8: columns, or rows of B, are half of those above. What is written of words holds for both.
namespace cresset {

// C += A B of float32, not rounded, without tensor cores: the same fragments, exchanged by shuffles.
DEVICE void k_mma_plain(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    int g = k_lane() / 4, t = k_lane() % 4 * 2;
#pragma unroll 1
    for (int k = 0; k < 4; k++) {          // columns k and k + 4 of A
        float x[4], y[4];
#pragma unroll
        for (int r = 0; r < 4; r++) {
            x[r] = __uint_as_float(__shfl_sync(ALL_LANES, a[r], g * 4 + k));
            y[r] = __uint_as_float(__shfl_sync(ALL_LANES, r & 1 ? b1 : b0, (t + (r >> 1)) * 4 + k));
        }
#pragma unroll
        for (int i = 0; i < 4; i++) c[i] += x[i >> 1] * y[(i & 1) * 2] + x[2 + (i >> 1)] * y[(i & 1) * 2 + 1];
    }
}

#if !defined(__CUDA_EMULATION__) && __CUDA_ARCH__ >= 800

DEVICE u32 k_shared_address(const void* p) {
    u32 address;
    asm("{ .reg .u64 a; cvta.to.shared.u64 a, %1; cvt.u32.u64 %0, a; }" : "=r"(address) : "l"(p));
    return address;
}
// C += A B.
DEVICE void k_mma(f16, float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
DEVICE void k_mma(bf16, float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
DEVICE void k_mma(float, float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
// A word of memory as an operand: float32 is rounded to TF32.
DEVICE u32 k_operand(float, u32 word) {
    u32 rounded;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(__uint_as_float(word)));
    return rounded;
}
// Two values rounded to a word, the first in the low half.
DEVICE u32 k_pair(f16, float low, float high) {
    u32 word;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
    return word;
}
DEVICE u32 k_pair(bf16, float low, float high) {
    u32 word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
    return word;
}
// Four matrices of 8 x 8 elements from shared memory. Lane 8 j + i says where row i of matrix j is, 16 bytes that are aligned so.
// Word j of a lane is of matrix j: of row g the columns t and t + 1 or, transposed, of column g the rows t and t + 1.
DEVICE void k_matrices(u32 (&r)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(k_shared_address(row)) : "memory");
}
DEVICE void k_matrices_transposed(u32 (&r)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(k_shared_address(row)) : "memory");
}
// 16 aligned bytes from global to shared memory, or zeros; they are there for this thread after k_arrived.
DEVICE void k_bring(void* to, const void* from, bool is_there) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" :: "r"(k_shared_address(to)), "l"(from), "r"(is_there ? 16 : 0) : "memory");
}
DEVICE void k_arrived() { asm volatile("cp.async.wait_all;" ::: "memory"); }
// Ends a group of what this thread brings; then all but the last N groups are there.
DEVICE void k_end_group() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N> DEVICE void k_arrived_but() { asm volatile("cp.async.wait_group %0;" :: "n"(N) : "memory"); }

#elif defined(__CUDA_EMULATION__)

template <class T> DEVICE float k_half_of(T, u32 word, int half) {
    T v;
    v.bits = (unsigned short) (half ? word >> 16 : word);
    return k_float(v);
}
template <class T> DEVICE void k_mma(T type, float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    int g = k_lane() / 4, t = k_lane() % 4 * 2;
    float x[2][16], y[2][16];     // rows g and g + 8 of A, columns t and t + 1 of B
    for (int from = 0; from < 4; from++) {
        for (int r = 0; r < 4; r++) {
            u32 word = __shfl_sync(ALL_LANES, a[r], g * 4 + from);
            for (int half = 0; half < 2; half++) x[r & 1][(r >> 1) * 8 + from * 2 + half] = k_half_of(type, word, half);
        }
        for (int r = 0; r < 4; r++) {
            u32 word = __shfl_sync(ALL_LANES, r & 1 ? b1 : b0, (t + (r >> 1)) * 4 + from);
            for (int half = 0; half < 2; half++) y[r >> 1][(r & 1) * 8 + from * 2 + half] = k_half_of(type, word, half);
        }
    }
    for (int i = 0; i < 4; i++) for (int k = 0; k < 16; k++) c[i] += x[i >> 1][k] * y[i & 1][k];
}
DEVICE void k_mma(float, float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) { k_mma_plain(c, a, b0, b1); }
DEVICE u32 k_operand(float, u32 word) { return (word & 0x7f800000) == 0x7f800000 ? word : (word + 0x1000) & ~0x1fffu; }
DEVICE u32 k_pair(f16, float low, float high) { return k_f16(low).bits | (u32) k_f16(high).bits << 16; }
DEVICE u32 k_pair(bf16, float low, float high) { return k_bf16(low).bits | (u32) k_bf16(high).bits << 16; }
DEVICE const unsigned short* k_row_of(const void* row, int lane) {
    if (((u64) row & 15) != 0) __trap();
    return (const unsigned short*) __shfl_sync(ALL_LANES, (u64) row, lane);
}
DEVICE void k_matrices(u32 (&r)[4], const void* row) {
    int g = k_lane() / 4, t = k_lane() % 4 * 2;
    for (int j = 0; j < 4; j++) {
        const unsigned short* from = k_row_of(row, 8 * j + g);
        r[j] = from[t] | (u32) from[t + 1] << 16;
    }
}
DEVICE void k_matrices_transposed(u32 (&r)[4], const void* row) {
    int g = k_lane() / 4, t = k_lane() % 4 * 2;
    for (int j = 0; j < 4; j++) {
        const unsigned short* low = k_row_of(row, 8 * j + t);
        const unsigned short* high = k_row_of(row, 8 * j + t + 1);
        r[j] = low[g] | (u32) high[g] << 16;
    }
}
DEVICE void k_bring(void* to, const void* from, bool is_there) { cuemu::bring(to, from, is_there); }
DEVICE void k_arrived() { cuemu::arrived(); }
DEVICE void k_end_group() { cuemu::end_group(); }
template <int N> DEVICE void k_arrived_but() { cuemu::arrived_but(N); }

#else

template <class T> DEVICE void k_mma(T, float (&)[4], const u32 (&)[4], u32, u32) { __trap(); }
template <class T> DEVICE u32 k_pair(T, float, float) { __trap(); return 0; }
DEVICE u32 k_operand(float, u32) { __trap(); return 0; }
DEVICE void k_matrices(u32 (&)[4], const void*) { __trap(); }
DEVICE void k_matrices_transposed(u32 (&)[4], const void*) { __trap(); }
DEVICE void k_bring(void* to, const void* from, bool is_there) {
    k_pack<u64, 2> zero = {{0, 0}};
    *(k_pack<u64, 2>*) to = is_there ? *(const k_pack<u64, 2>*) from : zero;
}
DEVICE void k_arrived() {}
DEVICE void k_end_group() {}
template <int N> DEVICE void k_arrived_but() {}

#endif

DEVICE u32 k_operand(f16, u32 word) { return word; }
DEVICE u32 k_operand(bf16, u32 word) { return word; }

// Four words of memory as operands, float32 rounded to TF32. ARE_LEAN: there are registers for many of them, and what becomes of them.
struct k_rounded { static const bool ARE_LEAN = true; u32 e[4]; };
// Of float32: rounded, and what that leaves, rounded too: 22 bits of the fraction together.
struct k_split { static const bool ARE_LEAN = false; u32 e[4], rest[4]; };
// Of float32: as they are, for products without tensor cores.
struct k_whole { static const bool ARE_LEAN = false; u32 e[4]; };

template <class T> DEVICE void k_take(T type, k_rounded& to, const u32 (&words)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) to.e[i] = k_operand(type, words[i]);
}
DEVICE void k_take(float type, k_split& to, const u32 (&words)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        to.e[i] = k_operand(type, words[i]);
        to.rest[i] = k_operand(type, __float_as_uint(__uint_as_float(words[i]) - __uint_as_float(to.e[i])));
    }
}
DEVICE void k_take(float, k_whole& to, const u32 (&words)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) to.e[i] = words[i];
}

// C += A B, where B is words 2 j and 2 j + 1.
template <class T> DEVICE void k_multiply(T type, float (&c)[4], const k_rounded& a, const k_rounded& b, int j) { k_mma(type, c, a.e, b.e[2 * j], b.e[2 * j + 1]); }
// Without the product of what rounding leaves of both, which is less than 2^-22 of the whole; an operand that is not finite, or is rounded
// to infinity, gives NaN. Tensor cores cut a sum off where an addition rounds it, so theirs are of eight products only.
DEVICE void k_multiply(float type, float (&c)[4], const k_split& a, const k_split& b, int j) {
    float sum[4] = {};
    k_mma(type, sum, a.rest, b.e[2 * j], b.e[2 * j + 1]);
    k_mma(type, sum, a.e, b.rest[2 * j], b.rest[2 * j + 1]);
    k_mma(type, sum, a.e, b.e[2 * j], b.e[2 * j + 1]);
#pragma unroll
    for (int i = 0; i < 4; i++) c[i] += sum[i];
}
DEVICE void k_multiply(float, float (&c)[4], const k_whole& a, const k_whole& b, int j) { k_mma_plain(c, a.e, b.e[2 * j], b.e[2 * j + 1]); }

}  // namespace cresset
