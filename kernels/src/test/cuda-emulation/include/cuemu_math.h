// CUDA's mathematical functions and intrinsics, as far as the C library lacks them.
#pragma once
#undef isnan
#undef isinf
#undef isfinite
#undef signbit
static inline bool isnan(float x) { return x != x; }
static inline bool isnan(double x) { return x != x; }
static inline bool isinf(float x) { return __builtin_isinf(x); }
static inline bool isinf(double x) { return __builtin_isinf(x); }
static inline bool isfinite(float x) { return __builtin_isfinite(x); }
static inline bool isfinite(double x) { return __builtin_isfinite(x); }
static inline bool signbit(float x) { return __builtin_signbit(x); }
static inline bool signbit(double x) { return __builtin_signbit(x); }

#define CUEMU_OVERLOAD(name) static inline float name(float x) { return name##f(x); }
#define CUEMU_OVERLOAD2(name) static inline float name(float x, float y) { return name##f(x, y); }
CUEMU_OVERLOAD(exp) CUEMU_OVERLOAD(exp2) CUEMU_OVERLOAD(expm1) CUEMU_OVERLOAD(log) CUEMU_OVERLOAD(log2)
CUEMU_OVERLOAD(log10) CUEMU_OVERLOAD(log1p) CUEMU_OVERLOAD(sqrt) CUEMU_OVERLOAD(cbrt) CUEMU_OVERLOAD(sin)
CUEMU_OVERLOAD(cos) CUEMU_OVERLOAD(tan) CUEMU_OVERLOAD(asin) CUEMU_OVERLOAD(acos) CUEMU_OVERLOAD(atan)
CUEMU_OVERLOAD(sinh) CUEMU_OVERLOAD(cosh) CUEMU_OVERLOAD(tanh) CUEMU_OVERLOAD(asinh) CUEMU_OVERLOAD(acosh)
CUEMU_OVERLOAD(atanh) CUEMU_OVERLOAD(erf) CUEMU_OVERLOAD(erfc) CUEMU_OVERLOAD(tgamma) CUEMU_OVERLOAD(lgamma)
CUEMU_OVERLOAD(floor) CUEMU_OVERLOAD(ceil) CUEMU_OVERLOAD(trunc) CUEMU_OVERLOAD(round) CUEMU_OVERLOAD(rint)
CUEMU_OVERLOAD(nearbyint) CUEMU_OVERLOAD(fabs)
CUEMU_OVERLOAD2(pow) CUEMU_OVERLOAD2(fmod) CUEMU_OVERLOAD2(remainder) CUEMU_OVERLOAD2(atan2) CUEMU_OVERLOAD2(hypot)
CUEMU_OVERLOAD2(copysign) CUEMU_OVERLOAD2(fmin) CUEMU_OVERLOAD2(fmax) CUEMU_OVERLOAD2(nextafter)
static inline float fma(float a, float b, float c) { return fmaf(a, b, c); }
#undef CUEMU_OVERLOAD
#undef CUEMU_OVERLOAD2
static inline int abs(int x) { return x < 0 ? -x : x; }
static inline long abs(long x) { return x < 0 ? -x : x; }
static inline long long abs(long long x) { return x < 0 ? -x : x; }
static inline float abs(float x) { return fabsf(x); }
static inline double abs(double x) { return __builtin_fabs(x); }
static inline long long llabs(long long x) { return x < 0 ? -x : x; }

#define CUEMU_MINMAX(T)                                                                                               \
    static inline T min(T a, T b) { return a < b ? a : b; }                                                           \
    static inline T max(T a, T b) { return a > b ? a : b; }
CUEMU_MINMAX(int) CUEMU_MINMAX(unsigned) CUEMU_MINMAX(long) CUEMU_MINMAX(unsigned long)
CUEMU_MINMAX(long long) CUEMU_MINMAX(unsigned long long)
#undef CUEMU_MINMAX
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline double min(double a, double b) { return fmin(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }

static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
static inline float rsqrt(float x) { return rsqrtf(x); }
static inline float rcbrtf(float x) { return 1.0f / cbrtf(x); }
static inline float exp10f(float x, int = 0) { return powf(10.0f, x); }
static inline double sinpi(double x) { return sin(3.14159265358979323846 * x); }
static inline double cospi(double x) { return cos(3.14159265358979323846 * x); }
static inline float sinpif(float x) { return (float)sinpi(x); }
static inline float cospif(float x) { return (float)cospi(x); }
static inline double normcdf(double x) { return 0.5 * erfc(-x * 0.70710678118654752440); }
static inline float normcdff(float x) { return (float)normcdf((double)x); }
// The inverse error function: a first guess by Winitzki's formula, then Newton's method in double precision.
static inline double erfinv(double y) {
    if (!(y > -1 && y < 1)) return y == 1 ? __builtin_inf() : y == -1 ? -__builtin_inf() : __builtin_nan("");
    double l = log1p(-y * y), t = 4.3307467508 + l / 2, x = copysign(sqrt(sqrt(t * t - l / 0.147) - t), y);
    for (int i = 0; i < 4; i++) x -= (erf(x) - y) / (1.12837916709551257390 * exp(-x * x));
    return x;
}
static inline float erfinvf(float y) { return (float)erfinv((double)y); }
static inline double cyl_bessel_i0(double x) {
    double term = 1, sum = 1, q = x * x / 4;
    for (int k = 1; k < 2000 && term > sum * 1e-18; k++) sum += term *= q / ((double)k * k);
    return sum;
}
static inline double cyl_bessel_i1(double x) {
    double term = x / 2, sum = term, q = x * x / 4;
    for (int k = 1; k < 2000 && fabs(term) > fabs(sum) * 1e-18; k++) sum += term *= q / ((double)k * (k + 1));
    return sum;
}
static inline float cyl_bessel_i0f(float x) { return (float)cyl_bessel_i0((double)x); }
static inline float cyl_bessel_i1f(float x) { return (float)cyl_bessel_i1((double)x); }

// (glibc declares functions of these names, so they are macros here)
#define __expf(x) expf(x)
#define __logf(x) logf(x)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
#define __powf(x, y) powf(x, y)
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __fadd_rn(float x, float y) { return x + y; }
static inline float __fsub_rn(float x, float y) { return x - y; }
static inline float __fmul_rn(float x, float y) { return x * y; }
static inline float __fdiv_rn(float x, float y) { return x / y; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __frcp_rn(float x) { return 1.0f / x; }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline double __dadd_rn(double x, double y) { return x + y; }
static inline double __dsub_rn(double x, double y) { return x - y; }
static inline double __dmul_rn(double x, double y) { return x * y; }
static inline double __ddiv_rn(double x, double y) { return x / y; }
static inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
static inline float __saturatef(float x) { return x != x ? 0 : x < 0 ? 0 : x > 1 ? 1 : x; }

#define CUEMU_CAST(name, To, From)                                                                                    \
    static inline To name(From v) { To r; static_assert(sizeof r == sizeof v, ""); memcpy(&r, &v, sizeof r); return r; }
CUEMU_CAST(__float_as_int, int, float) CUEMU_CAST(__int_as_float, float, int)
CUEMU_CAST(__float_as_uint, unsigned, float) CUEMU_CAST(__uint_as_float, float, unsigned)
CUEMU_CAST(__double_as_longlong, long long, double) CUEMU_CAST(__longlong_as_double, double, long long)
#undef CUEMU_CAST

// Conversions to integers saturate on the device, and NaN becomes 0 (of 64 bits: the least value).
#define CUEMU_TO_INT(name, round)                                                                                     \
    static inline int name(float x) {                                                                                 \
        return x != x ? 0 : x >= 2147483648.0f ? 2147483647 : x < -2147483648.0f ? -2147483647 - 1 : (int)round(x);   \
    }
CUEMU_TO_INT(__float2int_rn, rintf) CUEMU_TO_INT(__float2int_rz, truncf)
CUEMU_TO_INT(__float2int_rd, floorf) CUEMU_TO_INT(__float2int_ru, ceilf)
#undef CUEMU_TO_INT
static inline long long __float2ll_rz(float x) {
    return x != x ? -9223372036854775807LL - 1 : x >= 0x1p63f ? 9223372036854775807LL : x < -0x1p63f ? -9223372036854775807LL - 1 : (long long)x;
}
static inline long long __double2ll_rz(double x) {
    return x != x ? -9223372036854775807LL - 1 : x >= 0x1p63 ? 9223372036854775807LL : x < -0x1p63 ? -9223372036854775807LL - 1 : (long long)x;
}
static inline int __double2int_rz(double x) {
    return x != x ? 0 : x >= 2147483648.0 ? 2147483647 : x <= -2147483649.0 ? -2147483647 - 1 : (int)x;
}
static inline float __double2float_rn(double x) { return (float)x; }
static inline float __int2float_rn(int x) { return (float)x; }
static inline float __ll2float_rn(long long x) { return (float)x; }
static inline double __ll2double_rn(long long x) { return (double)x; }

static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
static inline int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline unsigned __brev(unsigned x) {
    unsigned r = 0;
    for (int i = 0; i < 32; i++) r |= (x >> i & 1) << (31 - i);
    return r;
}
static inline int __mulhi(int a, int b) { return (int)((long long)a * b >> 32); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((unsigned long long)a * b >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}
static inline long long __mul64hi(long long a, long long b) { return (long long)((__int128)a * b >> 64); }
static inline unsigned __byte_perm(unsigned a, unsigned b, unsigned s) {
    unsigned long long both = (unsigned long long)b << 32 | a;
    unsigned r = 0;
    for (int i = 0; i < 4; i++) r |= (unsigned)(both >> 8 * (s >> 4 * i & 7) & 255) << 8 * i;
    return r;
}
static inline unsigned __funnelshift_l(unsigned lo, unsigned hi, unsigned n) {
    return n & 31 ? hi << (n & 31) | lo >> (32 - (n & 31)) : hi;
}
static inline unsigned __funnelshift_r(unsigned lo, unsigned hi, unsigned n) {
    return n & 31 ? hi << (32 - (n & 31)) | lo >> (n & 31) : lo;
}
template <class T> T __ldg(const T *p) { return *p; }
template <class T> T __ldcg(const T *p) { return *p; }
template <class T> T __ldcs(const T *p) { return *p; }
template <class T> void __stcs(T *p, T v) { *p = v; }
template <class T> void __stcg(T *p, T v) { *p = v; }
static inline long long clock64() { return 0; }
