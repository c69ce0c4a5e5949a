// Losses of scores by class against the right class.
namespace cresset {

// An item is a sample. Strides are those of scores and targets over the samples.
struct class_loss_args {
    const void* scores;
    const i64* target;
    const void* weight;    // of each class, or 0
    void* losses;          // dense, of the compute type, as weights: what each sample counts
    void* weights;
    i64* error;            // whether a target is no class, such a target, the number of classes
    i64 samples, classes, ignored, class_stride;
    k_dims dims;
    k_strides score_strides, target_strides;
};

template <class T> DEVICE void class_loss(const class_loss_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.samples; i += k_step()) {
        k_coordinates at = k_locate(i, p.dims);
        i64 right = p.target[k_position(at, p.target_strides)];
        V weight = 0, loss = 0;
        if (right != p.ignored) {
            if (right < 0 || right >= p.classes) {
                p.error[1] = right;
                p.error[2] = p.classes;
                p.error[0] = 1;
            } else {
                weight = p.weight == 0 ? (V) 1 : k_value(((const T*) p.weight)[right]);
                loss = -weight * k_value(((const T*) p.scores)[k_position(at, p.score_strides) + right * p.class_stride]);
            }
        }
        ((V*) p.losses)[i] = loss;
        ((V*) p.weights)[i] = weight;
    }
}

}  // namespace cresset
