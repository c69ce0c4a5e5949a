// Connectionist temporal classification (Graves et al., ICML 2006): the forward recursion over targets with blanks in between, in
// double precision. A block computes a sequence.
namespace cresset {

struct ctc_args {
    const void* logs;           // [time, sequence, class]
    const i64* targets;
    const i64* lengths;         // [3, sequences]: where the target begins, steps, symbols
    double* alpha;              // [sequences, 2, states]
    double* losses;
    i64 sequences, states, blank, finite, mean, time_stride, sequence_stride, class_stride;
};

DEVICE double ctc_log_add(double a, double b) {
    double high = a > b ? a : b, low = a > b ? b : a;
    return high == -D_INF ? high : high + log1p(exp(low - high));
}

template <class T> DEVICE void ctc_loss(const ctc_args& p) {
    for (i64 n = blockIdx.x; n < p.sequences; n += gridDim.x) {
        const i64* target = p.targets + p.lengths[n];
        i64 steps = p.lengths[p.sequences + n], symbols = p.lengths[2 * p.sequences + n], states = 2 * symbols + 1;
        double* alpha = p.alpha + n * 2 * p.states;
        double* next = alpha + p.states;
        for (i64 s = threadIdx.x; s < states; s += blockDim.x) alpha[s] = s == 0 ? 0 : -D_INF;   // before the first step: nothing read
        __syncthreads();
        for (i64 t = 0; t < steps; t++) {
            const T* row = (const T*) p.logs + t * p.time_stride + n * p.sequence_stride;
            for (i64 s = threadIdx.x; s < states; s += blockDim.x) {
                i64 symbol = (s & 1) == 0 ? p.blank : target[s / 2];
                double reached = alpha[s];
                if (s > 0 && (t > 0 || s == 1)) reached = ctc_log_add(reached, alpha[s - 1]);
                bool skips_blank = t > 0 && s > 1 && (s & 1) == 1 && target[s / 2] != target[s / 2 - 1];
                if (skips_blank) reached = ctc_log_add(reached, alpha[s - 2]);
                next[s] = reached + (double) k_value(row[symbol * p.class_stride]);
            }
            __syncthreads();
            double* swap = alpha;
            alpha = next;
            next = swap;
        }
        if (threadIdx.x == 0) {
            double loss = -(states == 1 ? alpha[0] : ctc_log_add(alpha[states - 1], alpha[states - 2]));
            if (p.finite && k_is_inf(loss)) loss = 0;
            p.losses[n] = p.mean ? loss / (double) (symbols > 1 ? symbols : 1) / (double) p.sequences : loss;
        }
    }
}

}  // namespace cresset
