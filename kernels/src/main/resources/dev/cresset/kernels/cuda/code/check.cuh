// What would be an error on the CPU, noted for the host.
namespace cresset {

// Is one of these elements 0?
struct zero_args {
    const void* in;
    i64* error;
    i64 elements;
    k_dims dims;
    k_strides strides;
};

template <class T> DEVICE void check_zero(const zero_args& p) {
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        if (!k_as<bool>::of(k_value(((const T*) p.in)[k_position(i, p.dims, p.strides)]))) p.error[0] = 1;
    }
}

// Is one of these elements outside of [low, high], or NaN? The second error slot takes its bits as a double.
struct check_range_args {
    const void* in;
    i64* error;
    i64 elements;
    double low, high;
    k_dims dims;
    k_strides strides;
};

template <class T> DEVICE void check_range(const check_range_args& p) {
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        double v = k_load<double>((const T*) p.in + k_position(i, p.dims, p.strides));
        if (v >= p.low && v <= p.high) continue;
        p.error[1] = (i64) k_bits(v);
        p.error[0] = 1;
    }
}

}  // namespace cresset
