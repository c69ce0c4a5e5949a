// Recurrent layers. The weight space has a layout of its own, other than PyTorch's, so that callers must ask for it; what lies between
// weights is read with a factor of 0, so that it must not be NaN.
#include <math.h>

#include "cudnn.h"

namespace {

constexpr size_t WORKSPACE = 2048;
constexpr int64_t GAP = 3;                   // elements between weights

struct Place { int64_t matrix = -1, bias = -1, rows = 0, columns = 0; };

// Visits the weights in the order of the weight space; returns its size in elements.
Place place_of(const Rnn &r, int layer, int id, int64_t *total) {
    Place found;
    int64_t at = 0;
    for (int l = 0; l < r.layers * r.directions; l++) {
        int64_t input = l < r.directions ? r.input : (int64_t)r.projection * r.directions;
        for (int g = 0; g < 2 * r.gates() + 1; g++) {
            bool projecting = g == 2 * r.gates();
            if (projecting && r.projection == r.hidden) continue;
            Place p;
            p.rows = projecting ? r.projection : r.hidden;
            p.columns = projecting ? r.hidden : g < r.gates() ? input : r.projection;
            p.matrix = at;
            at += p.rows * p.columns + GAP;
            if (r.bias && !projecting) p.bias = at, at += p.rows + GAP;
            if (l == layer && g == id) found = p;
        }
    }
    if (total) *total = at;
    return found;
}

double sigmoid(double v) { return 1 / (1 + exp(-v)); }

struct Cell {
    const Rnn &r;
    const char *weights;
    int layer;

    double gate(int id, const double *v, int row) const {
        Place p = place_of(r, layer, id, nullptr);
        double sum = p.bias < 0 ? 0 : load(weights, p.bias + row, r.type);
        for (int64_t i = 0; i < GAP; i++) sum += 0 * load(weights, p.matrix + p.rows * p.columns + i, r.type);
        for (int64_t i = 0; i < p.columns; i++) sum += rounded(load(weights, p.matrix + row * p.columns + i, r.type), r.tf32) * rounded(v[i], r.tf32);
        return sum;
    }
    void step(const double *x, std::vector<double> &h, std::vector<double> &c) const {
        std::vector<double> out(r.hidden);
        int gates = r.gates();
        for (int j = 0; j < r.hidden; j++) {
            auto in = [&](int g) { return gate(g, x, j); };
            auto rec = [&](int g) { return gate(gates + g, h.data(), j); };
            switch (r.cell) {
                case 0: out[j] = fmax(0, in(0) + rec(0)); break;
                case 1: out[j] = tanh(in(0) + rec(0)); break;
                case 2: {
                    double i = sigmoid(in(0) + rec(0)), f = sigmoid(in(1) + rec(1)), g = tanh(in(2) + rec(2)), o = sigmoid(in(3) + rec(3));
                    c[j] = f * c[j] + i * g;
                    out[j] = o * tanh(c[j]);
                    break;
                }
                default: {
                    double reset = sigmoid(in(0) + rec(0)), z = sigmoid(in(1) + rec(1)), n = tanh(in(2) + reset * rec(2));
                    out[j] = (1 - z) * n + z * h[j];
                }
            }
        }
        if (r.projection != r.hidden) {
            std::vector<double> projected(r.projection);
            for (int j = 0; j < r.projection; j++) projected[j] = gate(2 * gates, out.data(), j);
            out = projected;
        }
        h = out;
    }
};

}  // namespace

EXPORT int cudnnCreateRNNDescriptor(void **out) { *out = new Rnn(); return CUDNN_SUCCESS; }
EXPORT int cudnnDestroyRNNDescriptor(void *d) { delete (Rnn *)d; return CUDNN_SUCCESS; }
EXPORT int cudnnCreateRNNDataDescriptor(void **out) { *out = new RnnData(); return CUDNN_SUCCESS; }
EXPORT int cudnnDestroyRNNDataDescriptor(void *d) { delete (RnnData *)d; return CUDNN_SUCCESS; }

EXPORT int cudnnSetRNNDescriptor_v8(void *d, int algorithm, int cell, int bias, int direction, int input_mode, int type, int precision, int math, int input,
                                    int hidden, int projection, int layers, void *, unsigned flags) {
    if (input_mode != 0 || (bias != 0 && bias != 2) || (projection != hidden && cell != 2)) return CUDNN_NOT_SUPPORTED;
    if (algorithm > 1 || (algorithm == 1 && projection != hidden) || projection > hidden) return CUDNN_NOT_SUPPORTED;
    if ((dnn_type(type) == Type::F64) != (dnn_type(precision) == Type::F64)) return CUDNN_BAD_PARAM;
    *(Rnn *)d = Rnn{cell, bias, direction + 1, input, hidden, projection, layers, dnn_type(type), algorithm == 1, flags == 1, dnn_type(type) == Type::F32 && math == 0};
    return CUDNN_SUCCESS;
}
EXPORT int cudnnSetRNNDataDescriptor(void *d, int type, int layout, int longest, int batch, int vector, const int *lengths, void *) {
    if (layout < 0 || layout > 2 || longest <= 0 || batch <= 0 || vector <= 0) return CUDNN_BAD_PARAM;
    for (int i = 0; i < batch; i++) {
        if (lengths[i] < 0 || lengths[i] > longest || (layout == 1 && i > 0 && lengths[i] > lengths[i - 1])) return CUDNN_BAD_PARAM;
    }
    *(RnnData *)d = RnnData{dnn_type(type), layout, longest, batch, vector, {lengths, lengths + batch}};
    return CUDNN_SUCCESS;
}
EXPORT int cudnnGetRNNWeightSpaceSize(void *, void *d, size_t *bytes) {
    int64_t total;
    place_of(*(Rnn *)d, -1, -1, &total);
    *bytes = (size_t)total * size_of(((Rnn *)d)->type);
    return CUDNN_SUCCESS;
}
EXPORT int cudnnGetRNNWeightParams(void *, void *d, int layer, size_t, const void *space, int id, void *md, void **matrix, void *bd, void **bias) {
    Rnn &r = *(Rnn *)d;
    Place p = place_of(r, layer, id, nullptr);
    size_t size = size_of(r.type);
    *matrix = p.matrix < 0 ? nullptr : (char *)space + p.matrix * size;
    *bias = p.bias < 0 ? nullptr : (char *)space + p.bias * size;
    *(Tensor *)md = Tensor{r.type, {1, p.rows, p.columns}, {p.rows * p.columns, p.columns, 1}};
    *(Tensor *)bd = Tensor{r.type, {1, p.rows, 1}, {p.rows, 1, 1}};
    return CUDNN_SUCCESS;
}
EXPORT int cudnnGetRNNTempSpaceSizes(void *, void *, int mode, void *, size_t *work, size_t *reserve) {
    *work = WORKSPACE;
    if (reserve) *reserve = mode == 0 ? 0 : WORKSPACE;
    return CUDNN_SUCCESS;
}
EXPORT int cudnnRNNForward(void *handle, void *d, int mode, const int *device_lengths, void *xd, const void *x, void *yd, void *y, void *hd, const void *hx,
                           void *hy, void *cd, const void *cx, void *cy, size_t weight_bytes, const void *weights, size_t work_bytes, void *work,
                           size_t, void *) {
    Rnn r = *(Rnn *)d;
    RnnData xs = *(RnnData *)xd, ys = *(RnnData *)yd;
    Tensor hs = *(Tensor *)hd, cs = *(Tensor *)cd;
    int64_t total;
    place_of(r, -1, -1, &total);
    if (device_lengths || (xs.layout != 1 && !r.padded) || xs.layout != ys.layout) return CUDNN_BAD_PARAM;
    if (r.persistent && xs.layout == 1) return CUDNN_NOT_SUPPORTED;
    if (mode != 0 || xs.vector != r.input || ys.vector != r.projection * r.directions || xs.lengths != ys.lengths) return CUDNN_SHAPE_MISMATCH;
    if (weight_bytes != (size_t)total * size_of(r.type) || work_bytes < WORKSPACE || !cuemu_is_device(work, work_bytes) || (uintptr_t)work % 256) return CUDNN_SIZE_INSUFFICIENT;
    for (const void *p : {x, (const void *)y, hx, (const void *)hy, cx, (const void *)cy, weights}) if ((uintptr_t)p % 16) return CUDNN_MISALIGNED_POINTER;
    std::vector<int64_t> h_sizes{r.layers * r.directions, xs.batch, r.projection}, c_sizes{r.layers * r.directions, xs.batch, r.hidden};
    if (hs.sizes != h_sizes || (r.cell == 2 && cs.sizes != c_sizes)) return CUDNN_SHAPE_MISMATCH;
    return on_stream(handle, [=] {
        std::vector<int64_t> start(xs.longest + 1);       // the rows before a step, where sequences are packed
        for (int t = 0; t < xs.longest; t++) {
            start[t + 1] = start[t];
            for (int length : xs.lengths) start[t + 1] += length > t;
        }
        auto at = [&](const RnnData &s, int time, int b, int v) {
            if (s.layout == 1) return (start[time] + b) * s.vector + v;
            return s.layout == 0 ? ((int64_t)time * s.batch + b) * s.vector + v : ((int64_t)b * s.longest + time) * s.vector + v;
        };
        for (int b = 0; b < xs.batch; b++) {
            int length = xs.lengths[b];
            std::vector<std::vector<double>> sequence(length, std::vector<double>(r.input));
            for (int t = 0; t < length; t++) for (int v = 0; v < r.input; v++) sequence[t][v] = load(x, at(xs, t, b, v), r.type);
            for (int layer = 0; layer < r.layers; layer++) {
                std::vector<std::vector<double>> next(length, std::vector<double>((size_t)r.projection * r.directions));
                for (int dir = 0; dir < r.directions; dir++) {
                    int l = layer * r.directions + dir;
                    std::vector<double> h(r.projection), c(r.hidden);
                    for (int j = 0; j < r.projection && hx; j++) h[j] = load(hx, ((int64_t)l * xs.batch + b) * r.projection + j, r.type);
                    for (int j = 0; j < r.hidden && cx && r.cell == 2; j++) c[j] = load(cx, ((int64_t)l * xs.batch + b) * r.hidden + j, r.type);
                    Cell cell{r, (const char *)weights, l};
                    for (int i = 0; i < length; i++) {
                        int t = dir ? length - 1 - i : i;
                        cell.step(sequence[t].data(), h, c);
                        for (int j = 0; j < r.projection; j++) next[t][(size_t)dir * r.projection + j] = h[j];
                    }
                    for (int j = 0; j < r.projection && hy; j++) store(hy, ((int64_t)l * xs.batch + b) * r.projection + j, r.type, h[j]);
                    for (int j = 0; j < r.hidden && cy && r.cell == 2; j++) store(cy, ((int64_t)l * xs.batch + b) * r.hidden + j, r.type, c[j]);
                }
                sequence = next;
            }
            for (int t = 0; t < length; t++)
                for (int v = 0; v < ys.vector; v++) store(y, at(ys, t, b, v), r.type, sequence[t][v]);
        }
    });
}
