// The functions that generated kernels and kernel families use. Self-contained: NVRTC compiles it without include paths. The host
// emulation, a C++ compiler with CUDA's names, takes the branches without PTX.
//
// Elements in memory: signed char, unsigned char, short, int, i64, float, double as they are; b8 (bool), f16, bf16, c32, c64, c128.
// Values: bool, i64, float, double, c128, as Note [Compute types] of Expr says.

namespace cresset {

typedef long long i64;
typedef unsigned long long u64;
typedef unsigned int u32;

struct b8 { unsigned char bits; };
struct alignas(2) f16 { unsigned short bits; };
struct alignas(2) bf16 { unsigned short bits; };
struct alignas(4) c32 { f16 re, im; };
struct alignas(8) c64 { float re, im; };
struct alignas(16) c128 { double re, im; };

#define DEVICE static __device__ __forceinline__
// Rare and long: calls keep kernels small.
#define DEVICE_CALL static __device__ __noinline__

// ---- bits

DEVICE float k_float_of_bits(u32 b) { return __int_as_float((int) b); }
DEVICE u32 k_bits(float x) { return (u32) __float_as_int(x); }
DEVICE double k_double_of_bits(u64 b) { return __longlong_as_double((i64) b); }
DEVICE u64 k_bits(double x) { return (u64) __double_as_longlong(x); }

#define F_INF k_float_of_bits(0x7f800000u)
#define F_NAN k_float_of_bits(0x7fc00000u)
#define D_INF k_double_of_bits(0x7ff0000000000000ull)
#define D_NAN k_double_of_bits(0x7ff8000000000000ull)
#define I64_MAX 9223372036854775807LL
#define I64_MIN (-I64_MAX - 1)

template <class T> struct k_limits;
template <> struct k_limits<float> {
    DEVICE float low() { return -F_INF; }
    DEVICE float high() { return F_INF; }
};
template <> struct k_limits<double> {
    DEVICE double low() { return -D_INF; }
    DEVICE double high() { return D_INF; }
};
template <> struct k_limits<i64> {
    DEVICE i64 low() { return I64_MIN; }
    DEVICE i64 high() { return I64_MAX; }
};
template <> struct k_limits<bool> {
    DEVICE bool low() { return false; }
    DEVICE bool high() { return true; }
};

// ---- narrow floats: rounded to nearest, ties to even

#ifndef __CUDA_EMULATION__
DEVICE float k_float(f16 h) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(h.bits));
    return x;
}
DEVICE f16 k_f16(float x) {
    f16 h;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h.bits) : "f"(x));
    return h;
}
#else
DEVICE float k_float(f16 h) {
    u32 sign = (u32) (h.bits & 0x8000) << 16, rest = h.bits & 0x7fff;
    if (rest >= 0x7c00) return k_float_of_bits(sign | 0x7f800000u | (rest & 0x3ff) << 13);
    float x = k_float_of_bits(rest << 13) * k_float_of_bits(0x77800000u);   // times 2^112 for the other bias; right for subnormals too
    return k_float_of_bits(sign | k_bits(x));
}
DEVICE f16 k_f16(float x) {
    u32 b = k_bits(x), sign = b >> 16 & 0x8000, rest = b & 0x7fffffff;
    f16 h;
    if (rest > 0x7f800000) h.bits = (unsigned short) (sign | 0x7e00);
    else if (rest >= 0x477ff000) h.bits = (unsigned short) (sign | 0x7c00);
    else if (rest < 0x38800000) {   // subnormal: adding 1/2 leaves the bits at the end, rounded
        float y = k_float_of_bits(rest) + 0.5f;
        h.bits = (unsigned short) (sign | (k_bits(y) - 0x3f000000u));
    } else h.bits = (unsigned short) (sign | (rest - 0x38000000 + 0xfff + (rest >> 13 & 1)) >> 13);
    return h;
}
#endif
DEVICE float k_float(bf16 h) { return k_float_of_bits((u32) h.bits << 16); }
DEVICE bf16 k_bf16(float x) {
    u32 b = k_bits(x);
    bf16 h;
    h.bits = (unsigned short) (x != x ? b >> 16 | 0x40 : (b + 0x7fff + (b >> 16 & 1)) >> 16);
    return h;
}
DEVICE float k_round_f16(float x) { return k_float(k_f16(x)); }
DEVICE float k_round_bf16(float x) { return k_float(k_bf16(x)); }

// ---- from memory and to memory

DEVICE i64 k_value(signed char v) { return v; }
DEVICE i64 k_value(unsigned char v) { return v; }
DEVICE i64 k_value(short v) { return v; }
DEVICE i64 k_value(int v) { return v; }
DEVICE i64 k_value(i64 v) { return v; }
DEVICE bool k_value(b8 v) { return v.bits != 0; }
DEVICE float k_value(float v) { return v; }
DEVICE double k_value(double v) { return v; }
DEVICE float k_value(f16 v) { return k_float(v); }
DEVICE float k_value(bf16 v) { return k_float(v); }
DEVICE c128 k_value(c32 v) { c128 z = {k_float(v.re), k_float(v.im)}; return z; }
DEVICE c128 k_value(c64 v) { c128 z = {v.re, v.im}; return z; }
DEVICE c128 k_value(c128 v) { return v; }

DEVICE void k_put(signed char* p, i64 v) { *p = (signed char) v; }
DEVICE void k_put(unsigned char* p, i64 v) { *p = (unsigned char) v; }
DEVICE void k_put(short* p, i64 v) { *p = (short) v; }
DEVICE void k_put(int* p, i64 v) { *p = (int) v; }
DEVICE void k_put(i64* p, i64 v) { *p = v; }
DEVICE void k_put(b8* p, bool v) { p->bits = v ? 1 : 0; }
DEVICE void k_put(float* p, float v) { *p = v; }
DEVICE void k_put(double* p, double v) { *p = v; }
DEVICE void k_put(f16* p, float v) { *p = k_f16(v); }
DEVICE void k_put(bf16* p, float v) { *p = k_bf16(v); }
DEVICE void k_put(c32* p, c128 v) { p->re = k_f16((float) v.re); p->im = k_f16((float) v.im); }
DEVICE void k_put(c64* p, c128 v) { p->re = (float) v.re; p->im = (float) v.im; }
DEVICE void k_put(c128* p, c128 v) { *p = v; }

// N neighbouring elements, moved by accesses of up to 16 bytes.
template <class T, int N> struct alignas(sizeof(T) * N < 16 ? sizeof(T) * N : 16) k_pack { T e[N]; };

// ---- conversions of values. Floats become integers towards zero, saturated, NaN to 0.

DEVICE i64 k_long(double x) {
    if (x != x) return 0;
    return x >= 9223372036854775808.0 ? I64_MAX : x < -9223372036854775808.0 ? I64_MIN : (i64) x;
}
DEVICE i64 k_long(float x) {
    if (x != x) return 0;
    return x >= 9223372036854775808.0f ? I64_MAX : x < -9223372036854775808.0f ? I64_MIN : (i64) x;
}
template <class To> struct k_as;
template <> struct k_as<bool> {
    DEVICE bool of(bool x) { return x; }
    DEVICE bool of(i64 x) { return x != 0; }
    DEVICE bool of(float x) { return x != 0; }
    DEVICE bool of(double x) { return x != 0; }
    DEVICE bool of(c128 x) { return x.re != 0 || x.im != 0; }
};
template <> struct k_as<i64> {
    DEVICE i64 of(bool x) { return x; }
    DEVICE i64 of(i64 x) { return x; }
    DEVICE i64 of(float x) { return k_long(x); }
    DEVICE i64 of(double x) { return k_long(x); }
    DEVICE i64 of(c128 x) { return k_long(x.re); }
};
template <> struct k_as<float> {
    DEVICE float of(bool x) { return x; }
    DEVICE float of(i64 x) { return (float) x; }
    DEVICE float of(float x) { return x; }
    DEVICE float of(double x) { return (float) x; }
    DEVICE float of(c128 x) { return (float) x.re; }
};
template <> struct k_as<double> {
    DEVICE double of(bool x) { return x; }
    DEVICE double of(i64 x) { return (double) x; }
    DEVICE double of(float x) { return x; }
    DEVICE double of(double x) { return x; }
    DEVICE double of(c128 x) { return x.re; }
};
template <> struct k_as<c128> {
    template <class T> DEVICE c128 of(T x) { c128 z = {(double) x, 0}; return z; }
    DEVICE c128 of(c128 x) { return x; }
};
template <class T> struct k_compute { typedef i64 type; };
template <> struct k_compute<b8> { typedef bool type; };
template <> struct k_compute<float> { typedef float type; };
template <> struct k_compute<f16> { typedef float type; };
template <> struct k_compute<bf16> { typedef float type; };
template <> struct k_compute<double> { typedef double type; };
template <> struct k_compute<c32> { typedef c128 type; };
template <> struct k_compute<c64> { typedef c128 type; };
template <> struct k_compute<c128> { typedef c128 type; };
// Stores any value as an element, converted as Tensor.to does.
template <class T, class V> DEVICE void k_store(T* p, V v) { k_put(p, k_as<typename k_compute<T>::type>::of(v)); }
template <class V, class T> DEVICE V k_load(const T* p) { return k_as<V>::of(k_value(*p)); }

// ---- integers: modulo 2^64. Division by zero, an error on the CPU, gives -1 here and leaves the dividend as the remainder.

DEVICE i64 k_add(i64 a, i64 b) { return (i64) ((u64) a + (u64) b); }
DEVICE i64 k_sub(i64 a, i64 b) { return (i64) ((u64) a - (u64) b); }
DEVICE i64 k_mul(i64 a, i64 b) { return (i64) ((u64) a * (u64) b); }
DEVICE i64 k_neg(i64 a) { return (i64) (0 - (u64) a); }
DEVICE i64 k_abs(i64 a) { return a < 0 ? k_neg(a) : a; }
DEVICE i64 k_sign(i64 a) { return (a > 0) - (a < 0); }
DEVICE i64 k_div(i64 a, i64 b) { return b == 0 ? -1 : b == -1 ? k_neg(a) : a / b; }
DEVICE i64 k_fmod(i64 a, i64 b) { return b == 0 ? a : b == -1 ? 0 : a % b; }
DEVICE i64 k_floor_div(i64 a, i64 b) {
    i64 q = k_div(a, b);
    return b != 0 && k_fmod(a, b) != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}
DEVICE i64 k_remainder(i64 a, i64 b) {
    i64 r = k_fmod(a, b);
    return b != 0 && r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
DEVICE i64 k_pow(i64 base, i64 e) {
    if (e < 0) return base == 1 ? 1 : base == -1 ? ((e & 1) == 0 ? 1 : -1) : 0;
    i64 result = 1;
    for (; e > 0; e >>= 1, base = k_mul(base, base)) if (e & 1) result = k_mul(result, base);
    return result;
}
DEVICE i64 k_shift_left(i64 a, i64 b) { return b < 0 || b > 63 ? 0 : (i64) ((u64) a << b); }
DEVICE i64 k_shift_right(i64 a, i64 b) { return b < 0 || b > 63 ? a >> 63 : a >> b; }
DEVICE i64 k_gcd(i64 a, i64 b) {
    while (b != 0) {
        i64 rest = k_fmod(a, b);
        a = b;
        b = rest;
    }
    return k_abs(a);
}
DEVICE i64 k_lcm(i64 a, i64 b) { return a == 0 || b == 0 ? 0 : k_abs(k_mul(k_div(a, k_gcd(a, b)), b)); }
DEVICE i64 k_min(i64 a, i64 b) { return a < b ? a : b; }
DEVICE i64 k_max(i64 a, i64 b) { return a > b ? a : b; }
DEVICE bool k_min(bool a, bool b) { return a && b; }
DEVICE bool k_max(bool a, bool b) { return a || b; }

// ---- floats

DEVICE bool k_is_inf(float x) { return (k_bits(x) & 0x7fffffff) == 0x7f800000; }
DEVICE bool k_is_inf(double x) { return (k_bits(x) & 0x7fffffffffffffffull) == 0x7ff0000000000000ull; }
DEVICE bool k_is_finite(float x) { return (k_bits(x) & 0x7f800000) != 0x7f800000; }
DEVICE bool k_is_finite(double x) { return (k_bits(x) & 0x7ff0000000000000ull) != 0x7ff0000000000000ull; }
DEVICE bool k_sign_bit(float x) { return k_bits(x) >> 31; }
DEVICE bool k_sign_bit(double x) { return k_bits(x) >> 63; }
DEVICE float k_sign(float x) { return (float) ((x > 0) - (x < 0)); }
DEVICE double k_sign(double x) { return (double) ((x > 0) - (x < 0)); }
DEVICE float k_angle(float x) { return x != x ? x : x < 0 ? 3.14159274f : 0; }
DEVICE double k_angle(double x) { return x != x ? x : x < 0 ? 3.141592653589793 : 0; }
// NaN if one is; of zeros the one that the sign makes smaller (larger).
template <class T> DEVICE T k_real_min(T a, T b) { return a != a || a < b || (a == b && k_sign_bit(a)) ? a : b; }
template <class T> DEVICE T k_real_max(T a, T b) { return a != a || a > b || (a == b && !k_sign_bit(a)) ? a : b; }
DEVICE float k_min(float a, float b) { return k_real_min(a, b); }
DEVICE double k_min(double a, double b) { return k_real_min(a, b); }
DEVICE float k_max(float a, float b) { return k_real_max(a, b); }
DEVICE double k_max(double a, double b) { return k_real_max(a, b); }
template <class T> DEVICE T k_fmin(T a, T b) { return a != a ? b : b != b ? a : k_min(a, b); }
template <class T> DEVICE T k_fmax(T a, T b) { return a != a ? b : b != b ? a : k_max(a, b); }
DEVICE float k_fmod(float a, float b) { return fmodf(a, b); }
DEVICE double k_fmod(double a, double b) { return fmod(a, b); }
DEVICE float k_floor(float x) { return floorf(x); }
DEVICE double k_floor(double x) { return floor(x); }
DEVICE float k_copysign(float a, float b) { return copysignf(a, b); }
DEVICE double k_copysign(double a, double b) { return copysign(a, b); }
// As Python's %: the remainder is exact, and a quotient just below an integer is not rounded up to it.
template <class T> DEVICE T k_real_remainder(T a, T b) {
    T r = k_fmod(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
template <class T> DEVICE T k_real_floor_div(T a, T b) {
    if (b == 0) return a / b;
    T rest = k_fmod(a, b);
    T quotient = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
    if (quotient == 0) return k_copysign((T) 0, a / b);
    T floor = k_floor(quotient);
    return quotient - floor > (T) 0.5 ? floor + 1 : floor;
}
DEVICE float k_remainder(float a, float b) { return k_real_remainder(a, b); }
DEVICE double k_remainder(double a, double b) { return k_real_remainder(a, b); }
DEVICE float k_floor_div(float a, float b) { return (float) k_real_floor_div((double) a, (double) b); }
DEVICE double k_floor_div(double a, double b) { return k_real_floor_div(a, b); }

// ---- special functions

DEVICE double k_erfinv(double y) { return erfinv(y); }
DEVICE float k_erfinv(float y) { return erfinvf(y); }
// Recurrence up to 12, then the asymptotic series with the Bernoulli numbers B2 … B14; reflection for negative arguments.
DEVICE double k_digamma(double x) {
    if (x == 0) return copysign(D_INF, -x);
    double reflected = 0;
    if (x < 0) {
        if (x == rint(x)) return D_NAN;
        double past = x - rint(x);
        reflected = 3.141592653589793 * cospi(past) / sinpi(past);   // of a tangent, the reduction of any argument would be there, too
        x = 1 - x;
    }
    double below = 0;
    for (; x < 12; x++) below += 1 / x;
    double y = 1 / (x * x);
    double series = y * (1 / 12.0 - y * (1 / 120.0 - y * (1 / 252.0 - y * (1 / 240.0 - y * (1 / 132.0 - y * (691 / 32760.0 - y / 12.0))))));
    return log(x) - 0.5 / x - series - below - reflected;
}
DEVICE float k_digamma(float x) { return (float) k_digamma((double) x); }
// The modified Bessel function of order 0: its power series; the asymptotic one for large arguments.
DEVICE_CALL double k_i0(double x) {
    double a = fabs(x), term = 1, sum = 1;
    if (a > 30) {
        for (int k = 1; k < 20; k++) sum += term *= (2 * k - 1) * (2 * k - 1) / (8 * a * k);
        return exp(a) / sqrt(6.283185307179586 * a) * sum;
    }
    double quarter = a * a / 4;
    for (int k = 1; term > sum * 1e-17; k++) sum += term *= quarter / ((double) k * k);
    return sum + (a - a);
}
DEVICE float k_i0(float x) { return (float) k_i0((double) x); }

// ---- complex numbers, by their definitions through exp and log

DEVICE c128 k_complex(double re, double im) { c128 z = {re, im}; return z; }
DEVICE c128 operator+(c128 a, c128 b) { return k_complex(a.re + b.re, a.im + b.im); }
DEVICE c128 operator-(c128 a, c128 b) { return k_complex(a.re - b.re, a.im - b.im); }
DEVICE c128 operator-(c128 a) { return k_complex(-a.re, -a.im); }
DEVICE c128 operator*(c128 a, c128 b) { return k_complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re); }
DEVICE c128 k_times(c128 a, double f) { return k_complex(a.re * f, a.im * f); }
DEVICE bool operator==(c128 a, c128 b) { return a.re == b.re && a.im == b.im; }
DEVICE bool operator!=(c128 a, c128 b) { return !(a == b); }
// Scaled by the larger part of the divisor, so that squares do not overflow.
DEVICE c128 operator/(c128 a, c128 b) {
    if (fabs(b.re) >= fabs(b.im)) {
        if (b.re == 0) return k_complex(a.re / fabs(b.re), a.im / fabs(b.im));
        double ratio = b.im / b.re, scale = 1 / (b.re + b.im * ratio);
        return k_complex((a.re + a.im * ratio) * scale, (a.im - a.re * ratio) * scale);
    }
    double ratio = b.re / b.im, scale = 1 / (b.re * ratio + b.im);
    return k_complex((a.re * ratio + a.im) * scale, (a.im * ratio - a.re) * scale);
}
DEVICE c128 k_times_i(c128 z) { return k_complex(-z.im, z.re); }
DEVICE c128 k_over_i(c128 z) { return k_complex(z.im, -z.re); }
DEVICE double k_abs(c128 z) { return hypot(z.re, z.im); }
DEVICE double k_angle(c128 z) { return atan2(z.im, z.re); }
DEVICE bool k_is_nan(c128 z) { return z.re != z.re || z.im != z.im; }
DEVICE bool k_is_inf(c128 z) { return k_is_inf(z.re) || k_is_inf(z.im); }
DEVICE bool k_is_finite(c128 z) { return k_is_finite(z.re) && k_is_finite(z.im); }
DEVICE c128 k_conj(c128 z) { return k_complex(z.re, -z.im); }
DEVICE c128 k_sign(c128 z) {
    double r = k_abs(z);
    return r == 0 ? k_complex(0, 0) : k_complex(z.re / r, z.im / r);
}
// The larger part from the half-angle formula, the smaller from it, so that nothing cancels.
DEVICE_CALL c128 k_sqrt(c128 z) {
    double modulus = k_abs(z);
    if (modulus == 0) return k_complex(0, z.im);
    double large = sqrt((modulus + fabs(z.re)) / 2), small = fabs(z.im) / (2 * large);
    return z.re >= 0 ? k_complex(large, copysign(small, z.im)) : k_complex(small, copysign(large, z.im));
}
DEVICE_CALL c128 k_exp(c128 z) {
    double r = exp(z.re);
    return z.im == 0 ? k_complex(r, z.im) : k_complex(r * cos(z.im), r * sin(z.im));
}
DEVICE_CALL c128 k_log(c128 z) { return k_complex(log(k_abs(z)), k_angle(z)); }
DEVICE c128 k_exp2(c128 z) { return k_exp(k_times(z, 0.6931471805599453)); }
DEVICE c128 k_expm1(c128 z) { return k_exp(z) - k_complex(1, 0); }
DEVICE c128 k_log1p(c128 z) { return k_log(z + k_complex(1, 0)); }
DEVICE c128 k_log2(c128 z) { return k_times(k_log(z), 1.4426950408889634); }
DEVICE c128 k_log10(c128 z) { return k_times(k_log(z), 0.4342944819032518); }
DEVICE_CALL c128 k_sin(c128 z) { return k_complex(sin(z.re) * cosh(z.im), cos(z.re) * sinh(z.im)); }
DEVICE_CALL c128 k_cos(c128 z) { return k_complex(cos(z.re) * cosh(z.im), -sin(z.re) * sinh(z.im)); }
DEVICE_CALL c128 k_sinh(c128 z) { return k_complex(sinh(z.re) * cos(z.im), cosh(z.re) * sin(z.im)); }
DEVICE_CALL c128 k_cosh(c128 z) { return k_complex(cosh(z.re) * cos(z.im), sinh(z.re) * sin(z.im)); }
// By the addition theorem; for large real parts the limit, where cosh would overflow.
DEVICE_CALL c128 k_tanh(c128 z) {
    double x = 2 * z.re, y = 2 * z.im;
    if (fabs(x) > 700) return k_complex(copysign(1.0, x), copysign(0.0, sin(y)));
    double d = cosh(x) + cos(y);
    return k_complex(sinh(x) / d, sin(y) / d);
}
DEVICE c128 k_tan(c128 z) { return k_over_i(k_tanh(k_times_i(z))); }
// Odd, so that the sum under the logarithm never cancels.
DEVICE_CALL c128 k_asinh(c128 z) {
    bool mirrored = z.re < 0;
    if (mirrored) z = -z;
    c128 w = k_log(z + k_sqrt(z * z + k_complex(1, 0)));
    return mirrored ? -w : w;
}
DEVICE_CALL c128 k_atanh(c128 z) { return k_times(k_log(k_complex(1, 0) + z) - k_log(k_complex(1, 0) - z), 0.5); }
DEVICE c128 k_acosh(c128 z) { return k_log(z + k_sqrt(z + k_complex(1, 0)) * k_sqrt(z - k_complex(1, 0))); }
DEVICE c128 k_asin(c128 z) { return k_over_i(k_asinh(k_times_i(z))); }
DEVICE c128 k_acos(c128 z) { return k_complex(1.5707963267948966, 0) - k_over_i(k_asinh(k_times_i(z))); }
DEVICE c128 k_atan(c128 z) { return k_over_i(k_atanh(k_times_i(z))); }
DEVICE_CALL c128 k_pow(c128 a, c128 b) {
    if (b == k_complex(0, 0)) return k_complex(1, 0);
    if (a == k_complex(0, 0)) return a;
    if (b.im == 0 && b.re == rint(b.re) && fabs(b.re) <= 16) {
        c128 result = k_complex(1, 0);
        for (int i = (int) fabs(b.re); i > 0; i--) result = result * a;
        return b.re < 0 ? k_complex(1, 0) / result : result;
    }
    return k_exp(b * k_log(a));
}

// ---- folds over the threads of a warp and of a block, in an order that never changes

#define WARP 32
#define ALL_LANES 0xffffffffu

DEVICE int k_lane() { return threadIdx.x & (WARP - 1); }

// The value that the lane has whose number differs in the bits of mask. Any type without pointers to itself.
template <class T> DEVICE T k_exchange(T v, int mask) {
    union Words {
        T value;
        int word[(sizeof(T) + 3) / 4];
        __device__ Words() {}
    } in, out;
    in.word[(sizeof(T) + 3) / 4 - 1] = 0;
    in.value = v;
#pragma unroll
    for (int i = 0; i < (int) ((sizeof(T) + 3) / 4); i++) out.word[i] = __shfl_xor_sync(ALL_LANES, in.word[i], mask);
    return out.value;
}
// All lanes get op(v of lane 0, v of lane 1, …), joined in pairs, lower lanes on the left: the same bits in every lane.
template <class T, class Op> DEVICE T k_fold_warp(T v, Op op) {
#pragma unroll
    for (int mask = 1; mask < WARP; mask <<= 1) {
        T other = k_exchange(v, mask);
        v = threadIdx.x & mask ? op(other, v) : op(v, other);
    }
    return v;
}
// All threads of a block of WARPS warps get the fold. @param cells shared memory for a value of each warp
template <int WARPS, class T, class Op> DEVICE T k_fold_block(T v, Op op, T* cells) {
    v = k_fold_warp(v, op);
    __syncthreads();   // cells may still be read from the fold before
    if (k_lane() == 0) cells[threadIdx.x / WARP] = v;
    __syncthreads();
    T all = cells[0];
#pragma unroll
    for (int w = 1; w < WARPS; w++) all = op(all, cells[w]);
    return all;
}

struct k_sum_op {
    DEVICE float of(float a, float b) { return a + b; }
    DEVICE double of(double a, double b) { return a + b; }
    DEVICE i64 of(i64 a, i64 b) { return k_add(a, b); }
    DEVICE bool of(bool a, bool b) { return a || b; }
    DEVICE c128 of(c128 a, c128 b) { return a + b; }
    template <class T> __device__ T operator()(T a, T b) const { return of(a, b); }
};
struct k_min_op {
    template <class T> __device__ T operator()(T a, T b) const { return k_min(a, b); }
};
struct k_max_op {
    template <class T> __device__ T operator()(T a, T b) const { return k_max(a, b); }
};

// ---- what hand-written families share: their parameters are structs of 8 bytes slots too

#define MAX_DIMS 8
#define BLOCK 256

// Dimensions from the outermost; those from rank on do not count. Merged by the caller as far as possible.
struct k_dims { i64 rank, size[MAX_DIMS]; };
struct k_strides { i64 of[MAX_DIMS]; };
struct k_coordinates { i64 of[MAX_DIMS]; };

DEVICE k_coordinates k_locate(i64 number, const k_dims& dims) {
    k_coordinates c;
#pragma unroll
    for (int d = MAX_DIMS - 1; d >= 0; d--) {
        c.of[d] = 0;
        if (d >= dims.rank) continue;
        i64 rest = number / dims.size[d];
        c.of[d] = d == 0 ? number : number - rest * dims.size[d];
        number = rest;
    }
    return c;
}
DEVICE i64 k_position(const k_coordinates& c, const k_strides& strides) {
    i64 at = 0;
#pragma unroll
    for (int d = 0; d < MAX_DIMS; d++) at += c.of[d] * strides.of[d];
    return at;
}
DEVICE i64 k_position(i64 number, const k_dims& dims, const k_strides& strides) { return k_position(k_locate(number, dims), strides); }
DEVICE i64 k_first() { return (i64) blockIdx.x * blockDim.x + threadIdx.x; }
DEVICE i64 k_step() { return (i64) gridDim.x * blockDim.x; }

}  // namespace cresset

using namespace cresset;
