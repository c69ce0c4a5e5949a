// The two 16-bit float types as CUDA has them: stored in 16 bits, computed in 32, rounded to nearest even after each
// operation.
#pragma once
#include <stdint.h>
#include <string.h>

namespace cuemu {
static inline uint32_t bits_of(float f) { uint32_t u; memcpy(&u, &f, 4); return u; }
static inline float float_of(uint32_t u) { float f; memcpy(&f, &u, 4); return f; }

static inline uint16_t to_half_bits(float f) {
    uint32_t u = bits_of(f), sign = u >> 16 & 0x8000, magnitude = u & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7fff;                        // NaN
    if (magnitude >= 0x477ff000) return sign | 0x7c00;                       // 65520 and more round to infinity
    if (magnitude < 0x38800000) {                                            // subnormal: let the adder round
        float scaled = float_of(magnitude) + 0.5f;                           // one unit of 0.5f is 2^-24
        return sign | (uint16_t)(bits_of(scaled) - 0x3f000000);
    }
    uint32_t odd = magnitude >> 13 & 1;
    return sign | (uint16_t)((magnitude - 0x38000000 + 0xfff + odd) >> 13);
}
static inline float from_half_bits(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3ff;
    if (exponent == 31) return float_of(sign | 0x7f800000 | fraction << 13);
    if (exponent == 0) {
        float f = (float)fraction * 0x1p-24f;
        return sign ? -f : f;
    }
    return float_of(sign | (exponent + 112) << 23 | fraction << 13);
}
static inline uint16_t to_bfloat_bits(float f) {
    uint32_t u = bits_of(f);
    if ((u & 0x7fffffff) > 0x7f800000) return 0x7fff;
    return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}
static inline float from_bfloat_bits(uint16_t h) { return float_of((uint32_t)h << 16); }

// A double goes to 16 bits in one rounding: to float by rounding to odd first.
static inline float to_odd(double d) {
    float f = (float)d;
    double back = f;
    if (back != d && d == d && !(bits_of(f) & 1)) {
        bool up = (back < d) == (d > 0);                                     // the magnitude was rounded down
        f = float_of(up ? bits_of(f) + 1 : bits_of(f) - 1);
    }
    return f;
}
}  // namespace cuemu

#define CUEMU_SIXTEEN(T, encode, decode)                                                                              \
    struct __attribute__((aligned(2))) T {                                                                            \
        uint16_t bits;                                                                                                \
        T() = default;                                                                                                \
        T(float f) : bits(cuemu::encode(f)) {}                                                                        \
        T(double d) : bits(cuemu::encode(cuemu::to_odd(d))) {}                                                        \
        T(int i) : T((double)i) {}                                                                                    \
        T(unsigned i) : T((double)i) {}                                                                               \
        T(short i) : T((double)i) {}                                                                                  \
        T(unsigned short i) : T((double)i) {}                                                                         \
        T(long long i) : T((float)i) {}                                                                               \
        T(unsigned long long i) : T((float)i) {}                                                                      \
        T(long i) : T((float)i) {}                                                                                    \
        T(unsigned long i) : T((float)i) {}                                                                           \
        operator float() const { return cuemu::decode(bits); }                                                        \
        T &operator+=(const T &o) { return *this = T((float)*this + (float)o); }                                      \
        T &operator-=(const T &o) { return *this = T((float)*this - (float)o); }                                      \
        T &operator*=(const T &o) { return *this = T((float)*this * (float)o); }                                      \
        T &operator/=(const T &o) { return *this = T((float)*this / (float)o); }                                      \
    };                                                                                                                \
    static inline T operator+(const T &a, const T &b) { return T((float)a + (float)b); }                              \
    static inline T operator-(const T &a, const T &b) { return T((float)a - (float)b); }                              \
    static inline T operator*(const T &a, const T &b) { return T((float)a * (float)b); }                              \
    static inline T operator/(const T &a, const T &b) { return T((float)a / (float)b); }                              \
    static inline T operator-(const T &a) { T r = a; r.bits ^= 0x8000; return r; }                                    \
    static inline bool operator==(const T &a, const T &b) { return (float)a == (float)b; }                            \
    static inline bool operator!=(const T &a, const T &b) { return (float)a != (float)b; }                            \
    static inline bool operator<(const T &a, const T &b) { return (float)a < (float)b; }                              \
    static inline bool operator<=(const T &a, const T &b) { return (float)a <= (float)b; }                            \
    static inline bool operator>(const T &a, const T &b) { return (float)a > (float)b; }                              \
    static inline bool operator>=(const T &a, const T &b) { return (float)a >= (float)b; }                            \
    struct __attribute__((aligned(4))) T##2_pair { T x, y; };
CUEMU_SIXTEEN(__half, to_half_bits, from_half_bits)
CUEMU_SIXTEEN(__nv_bfloat16, to_bfloat_bits, from_bfloat_bits)
#undef CUEMU_SIXTEEN
typedef __half half;
typedef __nv_bfloat16 nv_bfloat16;
typedef __half2_pair __half2;
typedef __half2_pair half2;
typedef __nv_bfloat162_pair __nv_bfloat162;

struct __half_raw { unsigned short x; };
static inline float __half2float(__half h) { return h; }
static inline __half __float2half(float f) { return __half(f); }
static inline __half __float2half_rn(float f) { return __half(f); }
static inline __half __double2half(double d) { return __half(d); }
static inline unsigned short __half_as_ushort(__half h) { return h.bits; }
static inline short __half_as_short(__half h) { return (short)h.bits; }
static inline __half __ushort_as_half(unsigned short u) { __half h; h.bits = u; return h; }
static inline __half __short_as_half(short s) { return __ushort_as_half((unsigned short)s); }
static inline __half2 __floats2half2_rn(float a, float b) { return {__half(a), __half(b)}; }
static inline __half2 __halves2half2(__half a, __half b) { return {a, b}; }
static inline float __low2float(__half2 h) { return h.x; }
static inline float __high2float(__half2 h) { return h.y; }
static inline float __bfloat162float(__nv_bfloat16 h) { return h; }
static inline __nv_bfloat16 __float2bfloat16(float f) { return __nv_bfloat16(f); }
static inline __nv_bfloat16 __float2bfloat16_rn(float f) { return __nv_bfloat16(f); }
static inline __nv_bfloat16 __double2bfloat16(double d) { return __nv_bfloat16(d); }
static inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 h) { return h.bits; }
static inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short u) { __nv_bfloat16 h; h.bits = u; return h; }
static inline __nv_bfloat162 __floats2bfloat162_rn(float a, float b) { return {__nv_bfloat16(a), __nv_bfloat16(b)}; }
static inline bool __hisnan(__half h) { return (h.bits & 0x7fff) > 0x7c00; }
static inline bool __hisnan(__nv_bfloat16 h) { return (h.bits & 0x7fff) > 0x7f80; }
static inline __half __hadd(__half a, __half b) { return a + b; }
static inline __half __hsub(__half a, __half b) { return a - b; }
static inline __half __hmul(__half a, __half b) { return a * b; }
static inline __half __hdiv(__half a, __half b) { return a / b; }
static inline __nv_bfloat16 __hadd(__nv_bfloat16 a, __nv_bfloat16 b) { return a + b; }
static inline __nv_bfloat16 __hmul(__nv_bfloat16 a, __nv_bfloat16 b) { return a * b; }
