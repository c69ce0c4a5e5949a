// CUDA's vector types.
#pragma once
#define CUEMU_VECTORS(T, base, align2, align4)                                                                        \
    struct T##1 { base x; };                                                                                          \
    struct __attribute__((aligned(align2))) T##2 { base x, y; };                                                      \
    struct T##3 { base x, y, z; };                                                                                    \
    struct __attribute__((aligned(align4))) T##4 { base x, y, z, w; };                                                \
    static inline T##1 make_##T##1(base x) { return {x}; }                                                            \
    static inline T##2 make_##T##2(base x, base y) { return {x, y}; }                                                 \
    static inline T##3 make_##T##3(base x, base y, base z) { return {x, y, z}; }                                      \
    static inline T##4 make_##T##4(base x, base y, base z, base w) { return {x, y, z, w}; }
CUEMU_VECTORS(char, signed char, 2, 4)
CUEMU_VECTORS(uchar, unsigned char, 2, 4)
CUEMU_VECTORS(short, short, 4, 8)
CUEMU_VECTORS(ushort, unsigned short, 4, 8)
CUEMU_VECTORS(int, int, 8, 16)
CUEMU_VECTORS(uint, unsigned, 8, 16)
CUEMU_VECTORS(long, long, 16, 16)
CUEMU_VECTORS(ulong, unsigned long, 16, 16)
CUEMU_VECTORS(longlong, long long, 16, 16)
CUEMU_VECTORS(ulonglong, unsigned long long, 16, 16)
CUEMU_VECTORS(float, float, 8, 16)
CUEMU_VECTORS(double, double, 16, 16)
#undef CUEMU_VECTORS

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
