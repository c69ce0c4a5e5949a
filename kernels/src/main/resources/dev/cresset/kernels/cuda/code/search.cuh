// Places of values in sorted rows, by bisection.
namespace cresset {

// All dense. Rows of `width` elements; value i is looked for in row i / per_row.
struct search_args {
    const void* sorted;
    const void* values;
    void* out;
    i64 count, width, per_row;
    i64 narrow, right;          // int32 results, else int64; behind equal elements, else before them
};

template <class T> DEVICE void search_places(const search_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.count; i += k_step()) {
        const T* row = (const T*) p.sorted + i / p.per_row * p.width;
        V value = k_value(((const T*) p.values)[i]);
        i64 low = 0, high = p.width;
        while (low < high) {
            i64 middle = (low + high) / 2;
            V v = k_value(row[middle]);
            // NaN comes behind everything
            if (p.right ? !(v > value) : !(v >= value)) low = middle + 1;
            else high = middle;
        }
        if (p.narrow) ((int*) p.out)[i] = (int) low;
        else ((i64*) p.out)[i] = low;
    }
}

}  // namespace cresset
