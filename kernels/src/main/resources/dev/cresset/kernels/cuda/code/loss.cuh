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

// Scores of a sample in a row, all dense.
struct margin_args {
    const void* scores;
    const i64* target;     // one of each sample; of margin_labels a row, which ends before the first negative one
    const void* weight;    // of each class, or 0
    void* losses;          // of the compute type: one of each sample, or of each target
    unsigned char* marks;  // of margin_labels: whether a class is a target, set to 0 before
    i64* counts;           // and how many targets a sample has
    i64* error;
    i64 samples, classes;
    double order, margin;
};

DEVICE bool margin_is_class(const margin_args& p, i64 c) {
    if (c >= 0 && c < p.classes) return true;
    p.error[1] = c;
    p.error[2] = p.classes;
    p.error[0] = 1;
    return false;
}

template <class T> DEVICE void margin_single(const margin_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 i = k_first(); i < p.samples; i += k_step()) {
        const T* scores = (const T*) p.scores + i * p.classes;
        i64 right = p.target[i];
        V loss = 0;
        if (margin_is_class(p, right)) {
            V least = (V) p.margin - k_value(scores[right]);
            for (i64 c = 0; c < p.classes; c++) {
                if (c == right) continue;
                V z = k_max((V) 0, least + k_value(scores[c]));
                loss += p.order == 1 ? z : z * z;
            }
            if (p.weight != 0) loss *= k_value(((const T*) p.weight)[right]);
        }
        ((V*) p.losses)[i] = loss / (V) p.classes;
    }
}

DEVICE void margin_mark(const margin_args& p) {
    for (i64 i = k_first(); i < p.samples; i += k_step()) {
        const i64* target = p.target + i * p.classes;
        i64 n = 0;
        while (n < p.classes && target[n] >= 0 && margin_is_class(p, target[n])) p.marks[i * p.classes + target[n++]] = 1;
        p.counts[i] = n;
    }
}

// After margin_mark; what each target adds to the loss of its sample.
template <class T> DEVICE void margin_labels(const margin_args& p) {
    typedef typename k_compute<T>::type V;
    for (i64 e = k_first(); e < p.samples * p.classes; e += k_step()) {
        i64 i = e / p.classes;
        V loss = 0;
        if (e - i * p.classes < p.counts[i]) {
            const T* scores = (const T*) p.scores + i * p.classes;
            V least = 1 - k_value(scores[p.target[e]]);
            for (i64 c = 0; c < p.classes; c++) if (!p.marks[i * p.classes + c]) loss += k_max((V) 0, least + k_value(scores[c]));
        }
        ((V*) p.losses)[e] = loss / (V) p.classes;
    }
}

}  // namespace cresset
