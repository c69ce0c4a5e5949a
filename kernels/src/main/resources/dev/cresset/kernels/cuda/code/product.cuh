// Matrix products by their definition, for number types that no library multiplies.
namespace cresset {

struct product_args {
    const void* a;
    const void* b;
    void* c;
    i64 elements, length, a_step, b_step;
    k_dims dims;                // of c
    k_strides a_strides, b_strides, c_strides;
};

DEVICE i64 product_add(i64 sum, i64 a, i64 b) { return k_add(sum, k_mul(a, b)); }
template <class V> DEVICE V product_add(V sum, V a, V b) { return sum + a * b; }

template <class T> DEVICE void product_plain(const product_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.elements; i += k_step()) {
        k_coordinates c = k_locate(i, p.dims);
        const T* a = (const T*) p.a + k_position(c, p.a_strides);
        const T* b = (const T*) p.b + k_position(c, p.b_strides);
        V sum = V();
        for (i64 k = 0; k < p.length; k++) sum = product_add(sum, (V) k_value(a[k * p.a_step]), (V) k_value(b[k * p.b_step]));
        k_store((T*) p.c + k_position(c, p.c_strides), sum);
    }
}

}  // namespace cresset
