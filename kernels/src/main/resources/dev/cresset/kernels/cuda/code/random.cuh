// Random numbers by counter, the same as the host's: Philox4x32-10, element k from counter base + k alone.
namespace cresset {

struct random_args {
    void* out;                  // dense
    i64 elements;
    u64 seed, base;
    i64 low;                    // of integers
    u64 span;
};

struct random_pair { u64 first, second; };

DEVICE random_pair random_bits(u64 seed, u64 counter) {
    u32 c0 = (u32) counter, c1 = (u32) (counter >> 32), c2 = 0, c3 = 0, k0 = (u32) seed, k1 = (u32) (seed >> 32);
#pragma unroll
    for (int r = 0; r < 10; r++) {
        u64 p0 = (u64) 0xD2511F53u * c0, p1 = (u64) 0xCD9E8D57u * c2;
        c0 = (u32) (p1 >> 32) ^ c1 ^ k0;
        c2 = (u32) (p0 >> 32) ^ c3 ^ k1;
        c1 = (u32) p1;
        c3 = (u32) p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    random_pair p = {(u64) c0 << 32 | c1, (u64) c2 << 32 | c3};
    return p;
}

// Uniform in [0, 1) with as many bits as the type's mantissa has.
template <class T> struct random_digits { enum { count = 24 }; };
template <> struct random_digits<double> { enum { count = 53 }; };
template <> struct random_digits<f16> { enum { count = 11 }; };
template <> struct random_digits<bf16> { enum { count = 8 }; };

DEVICE double random_share(u64 bits, int digits) { return (double) (bits >> (64 - digits)) / (double) (1ull << digits); }

template <class T> DEVICE void random_uniform(const random_args& p) {
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_store((T*) p.out + i, random_share(random_bits(p.seed, p.base + (u64) i).first, random_digits<T>::count));
    }
}

// By Box and Muller, of which the cosine is taken.
template <class T> DEVICE void random_normal(const random_args& p) {
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        random_pair bits = random_bits(p.seed, p.base + (u64) i);
        double radius = sqrt(-2 * log(1 - random_share(bits.first, 53)));
        k_store((T*) p.out + i, radius * cos(2 * 3.141592653589793 * random_share(bits.second, 53)));
    }
}

// Uniform in [low, low + span).
template <class T> DEVICE void random_integers(const random_args& p) {
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_store((T*) p.out + i, k_add(p.low, (i64) __umul64hi(random_bits(p.seed, p.base + (u64) i).first, p.span)));
    }
}

}  // namespace cresset
