// Handles, tensors, convolutions, pooling, softmax, batch normalisation: the definitions as loops; all sums but those of
// convolutions in double.
#include <math.h>

#include "../product.h"
#include "cudnn.h"

EXPORT size_t cudnnGetVersion(void) { return 90300; }
EXPORT size_t cudnnGetCudartVersion(void) { return 12060; }
EXPORT int cudnnCreate(void **out) {
    if (cuemu_sticky() || !cuemu_thread_has_context()) return CUDNN_NOT_INITIALIZED;
    if (cuemu_waits_for_context()) return CUDNN_EXECUTION_FAILED;
    *out = new Handle{};
    return CUDNN_SUCCESS;
}
EXPORT int cudnnDestroy(void *h) {
    if (cuemu_waits_for_context()) return CUDNN_EXECUTION_FAILED;
    delete (Handle *)h;
    return CUDNN_SUCCESS;
}
EXPORT int cudnnSetStream(void *h, void *stream) {
    ((Handle *)h)->stream = stream;
    return CUDNN_SUCCESS;
}

#define DESCRIPTOR(Name, T)                                                                                           \
    EXPORT int cudnnCreate##Name##Descriptor(void **out) { *out = new T(); return CUDNN_SUCCESS; }                    \
    EXPORT int cudnnDestroy##Name##Descriptor(void *d) { delete (T *)d; return CUDNN_SUCCESS; }
DESCRIPTOR(Tensor, Tensor)
DESCRIPTOR(Filter, Filter)
DESCRIPTOR(Convolution, Convolution)
DESCRIPTOR(Pooling, Pooling)
DESCRIPTOR(Dropout, Dropout)
DESCRIPTOR(Activation, Activation)

EXPORT int cudnnSetTensorNdDescriptor(void *d, int type, int n, const int *sizes, const int *strides) {
    if (n < 3 || n > 8 || dnn_type(type) == Type::NONE) return n < 3 || n > 8 ? CUDNN_BAD_PARAM : CUDNN_NOT_SUPPORTED;
    for (int i = 0; i < n; i++) if (sizes[i] <= 0) return CUDNN_BAD_PARAM;
    *(Tensor *)d = Tensor{dnn_type(type), {sizes, sizes + n}, {strides, strides + n}};
    return CUDNN_SUCCESS;
}
EXPORT int cudnnSetFilterNdDescriptor(void *d, int type, int format, int n, const int *sizes) {
    if (n < 3 || n > 8 || format > 1 || dnn_type(type) == Type::NONE) return CUDNN_BAD_PARAM;
    Filter &f = *(Filter *)d;
    f.type = dnn_type(type);
    f.sizes.assign(sizes, sizes + n);
    f.strides.assign(n, 1);
    int64_t stride = format == 1 ? sizes[1] : 1;
    for (int i = n - 1; i >= 2; i--) f.strides[i] = stride, stride *= sizes[i];
    if (format == 0) f.strides[1] = stride, stride *= sizes[1];
    f.strides[0] = stride;
    return CUDNN_SUCCESS;
}
EXPORT int cudnnSetConvolutionNdDescriptor(void *d, int n, const int *padding, const int *stride, const int *dilation, int mode, int compute) {
    if (n < 2 || mode != 1) return CUDNN_NOT_SUPPORTED;
    *(Convolution *)d = Convolution{{padding, padding + n}, {stride, stride + n}, {dilation, dilation + n}, 1, 0, dnn_type(compute)};
    return CUDNN_SUCCESS;
}
EXPORT int cudnnSetConvolutionGroupCount(void *d, int groups) {
    ((Convolution *)d)->groups = groups;
    return CUDNN_SUCCESS;
}
EXPORT int cudnnSetConvolutionMathType(void *d, int math) {
    ((Convolution *)d)->math = math;
    return CUDNN_SUCCESS;
}
EXPORT int cudnnSetDropoutDescriptor(void *, void *, float rate, void *, size_t, unsigned long long) {
    return rate == 0 ? CUDNN_SUCCESS : CUDNN_NOT_SUPPORTED;
}
EXPORT int cudnnSetActivationDescriptor(void *d, int mode, int nan, double coefficient) {
    *(Activation *)d = Activation{mode, nan, coefficient};
    return CUDNN_SUCCESS;
}
EXPORT int cudnnSetPoolingNdDescriptor(void *d, int mode, int, int n, const int *window, const int *padding, const int *stride) {
    for (int i = 0; i < n; i++) if (padding[i] >= window[i] || window[i] <= 0 || stride[i] <= 0) return CUDNN_BAD_PARAM;
    *(Pooling *)d = Pooling{mode, {window, window + n}, {padding, padding + n}, {stride, stride + n}};
    return CUDNN_SUCCESS;
}

namespace {

constexpr size_t WORKSPACE = 1024;           // that the algorithms say they need, so that callers must provide it

bool fits(const Tensor &x, const Filter &w, const Convolution &c, const Tensor &y) {
    size_t n = x.sizes.size();
    if (w.sizes.size() != n || y.sizes.size() != n || c.padding.size() != n - 2) return false;
    if (x.type != w.type || x.type != y.type || (x.type == Type::F64) != (c.compute == Type::F64)) return false;
    if (x.sizes[1] != w.sizes[1] * c.groups || y.sizes[1] != w.sizes[0] || y.sizes[0] != x.sizes[0] || w.sizes[0] % c.groups) return false;
    for (size_t i = 2; i < n; i++) {
        int64_t reach = c.dilation[i - 2] * (w.sizes[i] - 1) + 1;
        if (y.sizes[i] != (x.sizes[i] + 2 * c.padding[i - 2] - reach) / c.stride[i - 2] + 1) return false;
    }
    return true;
}

// The places of x that go into each place of y: a matrix of window by place.
struct Windows {
    const Tensor &x, &y;
    const Filter &w;
    const Convolution &c;
    int64_t taps = 1, places = 1;

    Windows(const Tensor &x, const Filter &w, const Convolution &c, const Tensor &y) : x(x), y(y), w(w), c(c) {
        for (size_t d = 2; d < w.sizes.size(); d++) taps *= w.sizes[d], places *= y.sizes[d];
    }
    int64_t per_group() const { return w.sizes[0] / c.groups; }
    // Where a place of y is, in one image and channel.
    int64_t out(int64_t place) const {
        int64_t at = 0;
        for (size_t d = y.sizes.size(); d-- > 2;) at += place % y.sizes[d] * y.strides[d], place /= y.sizes[d];
        return at;
    }
    // Where a tap of the window at a place is, in one image and channel of x; -1 if outside.
    int64_t in(int64_t tap, int64_t place) const {
        int64_t at = 0;
        for (size_t d = y.sizes.size(); d-- > 2;) {
            int64_t p = place % y.sizes[d] * c.stride[d - 2] - c.padding[d - 2] + tap % w.sizes[d] * c.dilation[d - 2];
            if (p < 0 || p >= x.sizes[d]) return -1;
            at += p * x.strides[d];
            place /= y.sizes[d];
            tap /= w.sizes[d];
        }
        return at;
    }
    int64_t tap(int64_t number) const {
        int64_t at = 0;
        for (size_t d = w.sizes.size(); d-- > 2;) at += number % w.sizes[d] * w.strides[d], number /= w.sizes[d];
        return at;
    }
};

constexpr int64_t PLACES = 512;              // whose windows are laid out together

// Calls work(image, group, first place, places) for all of a convolution.
template <class F> void in_blocks(const Windows &g, F work) {
    for (int64_t group = 0; group < g.c.groups; group++)
        for (int64_t image = 0; image < g.x.sizes[0]; image++)
            for (int64_t first = 0; first < g.places; first += PLACES) work(image, group, first, std::min(PLACES, g.places - first));
}

template <class T> void forward(const Tensor &xt, const void *x, const Filter &wt, const void *w, const Convolution &c, const Tensor &yt, void *y,
                               double a, double b) {
    Windows g(xt, wt, c, yt);
    int64_t channels = wt.sizes[1], window = channels * g.taps, rows = g.per_group();
    std::vector<T> weights(rows * window), sums;
    int64_t loaded = -1;
    in_blocks(g, [&](int64_t image, int64_t group, int64_t first, int64_t places) {
        for (int64_t r = 0; loaded != group && r < rows; r++)
            for (int64_t i = 0; i < window; i++)
                weights[r * window + i] = (T)rounded(load(w, (group * rows + r) * wt.strides[0] + i / g.taps * wt.strides[1] + g.tap(i % g.taps), wt.type), c.tf32(xt.type));
        loaded = group;
        Panels<T> panels(window, places);
        int64_t from = image * xt.strides[0] + group * channels * xt.strides[1];
        for (int64_t p = 0; p < places; p++) {
            for (int64_t tap = 0; tap < g.taps; tap++) {
                int64_t at = g.in(tap, first + p);
                for (int64_t ch = 0; at >= 0 && ch < channels; ch++)
                    panels.at(ch * g.taps + tap, p) = (T)rounded(load(x, from + at + ch * xt.strides[1], xt.type), c.tf32(xt.type));
            }
        }
        multiply(weights, rows, panels, sums);
        for (int64_t p = 0; p < places; p++) {
            int64_t to = image * yt.strides[0] + group * rows * yt.strides[1] + g.out(first + p);
            for (int64_t r = 0; r < rows; r++, to += yt.strides[1])
                store(y, to, yt.type, a * sums[r * places + p] + (b == 0 ? 0 : b * load(y, to, yt.type)));
        }
    });
}

template <class T> void backward_data(const Tensor &xt, void *dx, const Filter &wt, const void *w, const Convolution &c, const Tensor &yt,
                                     const void *dy, double a, double b) {
    int64_t last = 0;
    for (size_t d = 0; d < xt.sizes.size(); d++) last += (xt.sizes[d] - 1) * xt.strides[d];
    std::vector<T> sums(last + 1);
    Windows g(xt, wt, c, yt);
    int64_t channels = wt.sizes[1], window = channels * g.taps, rows = g.per_group();
    std::vector<T> weights(window * rows), parts;
    int64_t loaded = -1;
    in_blocks(g, [&](int64_t image, int64_t group, int64_t first, int64_t places) {
        for (int64_t i = 0; loaded != group && i < window; i++)
            for (int64_t r = 0; r < rows; r++)
                weights[i * rows + r] = (T)rounded(load(w, (group * rows + r) * wt.strides[0] + i / g.taps * wt.strides[1] + g.tap(i % g.taps), wt.type), c.tf32(xt.type));
        loaded = group;
        Panels<T> panels(rows, places);
        for (int64_t p = 0; p < places; p++) {
            int64_t from = image * yt.strides[0] + group * rows * yt.strides[1] + g.out(first + p);
            for (int64_t r = 0; r < rows; r++) panels.at(r, p) = (T)rounded(load(dy, from + r * yt.strides[1], yt.type), c.tf32(yt.type));
        }
        multiply(weights, window, panels, parts);
        int64_t to = image * xt.strides[0] + group * channels * xt.strides[1];
        for (int64_t p = 0; p < places; p++) {
            for (int64_t tap = 0; tap < g.taps; tap++) {
                int64_t at = g.in(tap, first + p);
                for (int64_t ch = 0; at >= 0 && ch < channels; ch++)
                    sums[to + at + ch * xt.strides[1]] += parts[(ch * g.taps + tap) * places + p];
            }
        }
    });
    for (int64_t i = 0, n = xt.count(); i < n; i++) {
        int64_t o = xt.offset(i);
        store(dx, o, xt.type, a * sums[o] + (b == 0 ? 0 : b * load(dx, o, xt.type)));
    }
}

struct Performance {
    int algo, status;
    float time;
    size_t memory;
    int determinism, math;
    int reserved[3];
};
// Two algorithms; the better one in two modes of multiplying, in the other of which it needs less memory.
constexpr int IMPLICIT = 0, FMA = 3;
int offer(int *count, Performance *out, int wanted, int algorithm, int math) {
    const Performance all[] = {{algorithm, 0, -1, WORKSPACE / 2, 1, FMA, {}}, {algorithm, 0, -1, WORKSPACE, 1, math, {}}, {IMPLICIT, 0, -1, WORKSPACE, 1, math, {}}};
    *count = std::min(wanted, 3);
    std::copy(all, all + *count, out);
    return CUDNN_SUCCESS;
}

// Kernels may read sixteen bytes at once.
bool misaligned(std::initializer_list<const void *> addresses) {
    for (const void *p : addresses) if ((uintptr_t)p % 16) return true;
    return false;
}

bool has_workspace(const void *p, size_t bytes) { return bytes >= WORKSPACE && cuemu_is_device(p, bytes) && (uintptr_t)p % 256 == 0; }

}  // namespace

EXPORT int cudnnGetConvolutionForwardAlgorithm_v7(void *, void *x, void *w, void *c, void *y, int wanted, int *count, Performance *out) {
    if (!fits(*(Tensor *)x, *(Filter *)w, *(Convolution *)c, *(Tensor *)y)) return CUDNN_SHAPE_MISMATCH;
    return offer(count, out, wanted, 1, ((Convolution *)c)->math);
}
EXPORT int cudnnGetConvolutionBackwardDataAlgorithm_v7(void *, void *w, void *dy, void *c, void *dx, int wanted, int *count, Performance *out) {
    if (!fits(*(Tensor *)dx, *(Filter *)w, *(Convolution *)c, *(Tensor *)dy)) return CUDNN_SHAPE_MISMATCH;
    return offer(count, out, wanted, 1, ((Convolution *)c)->math);
}
EXPORT int cudnnGetConvolutionForwardWorkspaceSize(void *, void *, void *, void *, void *, int algorithm, size_t *bytes) {
    *bytes = WORKSPACE;
    return algorithm > 1 ? CUDNN_NOT_SUPPORTED : CUDNN_SUCCESS;
}
EXPORT int cudnnGetConvolutionBackwardDataWorkspaceSize(void *, void *, void *, void *, void *, int algorithm, size_t *bytes) {
    *bytes = WORKSPACE;
    return algorithm > 1 ? CUDNN_NOT_SUPPORTED : CUDNN_SUCCESS;
}
EXPORT int cudnnConvolutionForward(void *h, const void *alpha, void *xd, const void *x, void *wd, const void *w, void *cd, int, void *space,
                                   size_t bytes, const void *beta, void *yd, void *y) {
    Tensor xt = *(Tensor *)xd, yt = *(Tensor *)yd;
    Filter wt = *(Filter *)wd;
    Convolution c = *(Convolution *)cd;
    if (!fits(xt, wt, c, yt)) return CUDNN_SHAPE_MISMATCH;
    if (!has_workspace(space, bytes)) return CUDNN_SIZE_INSUFFICIENT;
    if (misaligned({x, w, y})) return CUDNN_MISALIGNED_POINTER;
    if (cuemu_get("refuse_convolutions") > 0) return cuemu_set("refuse_convolutions", cuemu_get("refuse_convolutions") - 1), CUDNN_EXECUTION_FAILED;
    double a = scalar(alpha, xt.type), b = scalar(beta, xt.type);
    return on_stream(h, [=] {
        if (xt.type == Type::F64) forward<double>(xt, x, wt, w, c, yt, y, a, b);
        else forward<float>(xt, x, wt, w, c, yt, y, a, b);
    });
}
EXPORT int cudnnConvolutionBackwardData(void *h, const void *alpha, void *wd, const void *w, void *dyd, const void *dy, void *cd, int, void *space,
                                        size_t bytes, const void *beta, void *dxd, void *dx) {
    Tensor xt = *(Tensor *)dxd, yt = *(Tensor *)dyd;
    Filter wt = *(Filter *)wd;
    Convolution c = *(Convolution *)cd;
    if (!fits(xt, wt, c, yt)) return CUDNN_SHAPE_MISMATCH;
    if (!has_workspace(space, bytes)) return CUDNN_SIZE_INSUFFICIENT;
    if (misaligned({dx, w, dy})) return CUDNN_MISALIGNED_POINTER;
    double a = scalar(alpha, xt.type), b = scalar(beta, xt.type);
    return on_stream(h, [=] {
        if (xt.type == Type::F64) backward_data<double>(xt, dx, wt, w, c, yt, dy, a, b);
        else backward_data<float>(xt, dx, wt, w, c, yt, dy, a, b);
    });
}
EXPORT int cudnnConvolutionBiasActivationForward(void *h, const void *alpha, void *xd, const void *x, void *wd, const void *w, void *cd, int algorithm,
                                                 void *space, size_t bytes, const void *beta, void *zd, const void *z, void *bd, const void *bias,
                                                 void *ad, void *yd, void *y) {
    Tensor xt = *(Tensor *)xd, zt = *(Tensor *)zd, bt = *(Tensor *)bd, yt = *(Tensor *)yd;
    Filter wt = *(Filter *)wd;
    Convolution c = *(Convolution *)cd;
    Activation f = *(Activation *)ad;
    if ((f.mode != 1 && f.mode != 5) || (f.mode == 5 && algorithm != 1) || xt.type == Type::F64) return CUDNN_NOT_SUPPORTED;
    if (!fits(xt, wt, c, yt) || zt.sizes != yt.sizes || zt.strides != yt.strides || zt.type != yt.type || bt.type != yt.type) return CUDNN_SHAPE_MISMATCH;
    for (size_t d = 0; d < bt.sizes.size(); d++) if (bt.sizes[d] != (d == 1 ? yt.sizes[1] : 1)) return CUDNN_SHAPE_MISMATCH;
    if (!has_workspace(space, bytes)) return CUDNN_SIZE_INSUFFICIENT;
    if (!bias || !z || cuemu_get("refuse_fused")) return CUDNN_BAD_PARAM;
    if (misaligned({x, w, z, y})) return CUDNN_MISALIGNED_POINTER;
    double a = scalar(alpha, xt.type), b = scalar(beta, xt.type);
    return on_stream(h, [=] {
        std::vector<float> sums(yt.count());
        Tensor plain = yt;
        plain.type = Type::F32;
        forward<float>(xt, x, wt, w, c, plain, sums.data(), a, 0);
        int64_t inner = 1;
        for (size_t d = 2; d < yt.sizes.size(); d++) inner *= yt.sizes[d];
        for (int64_t i = 0, n = yt.count(); i < n; i++) {
            int64_t o = yt.offset(i);
            double v = sums[o] + (b == 0 ? 0 : b * load(z, o, yt.type)) + load(bias, i / inner % yt.sizes[1] * bt.strides[1], bt.type);
            if (f.mode == 1) v = v > 0 ? fmin(v, f.coefficient) : f.nan == 1 && v != v ? v : 0;
            store(y, o, yt.type, v);
        }
    });
}
EXPORT int cudnnAddTensor(void *h, const void *alpha, void *ad, const void *a, const void *beta, void *cd, void *c) {
    Tensor at = *(Tensor *)ad, ct = *(Tensor *)cd;
    if (at.sizes.size() != ct.sizes.size() || at.type != ct.type) return CUDNN_BAD_PARAM;
    for (size_t d = 0; d < at.sizes.size(); d++) if (at.sizes[d] != 1 && at.sizes[d] != ct.sizes[d]) return CUDNN_SHAPE_MISMATCH;
    double x = scalar(alpha, ct.type), y = scalar(beta, ct.type);
    return on_stream(h, [=] {
        for (int64_t i = 0, n = ct.count(); i < n; i++) {
            int64_t rest = i, o = 0;
            for (size_t d = ct.sizes.size(); d-- > 0;) {
                if (at.sizes[d] != 1) o += rest % ct.sizes[d] * at.strides[d];
                rest /= ct.sizes[d];
            }
            int64_t to = ct.offset(i);
            store(c, to, ct.type, x * load(a, o, at.type) + y * load(c, to, ct.type));
        }
    });
}
EXPORT int cudnnPoolingForward(void *h, void *pd, const void *alpha, void *xd, const void *x, const void *beta, void *yd, void *y) {
    Pooling p = *(Pooling *)pd;
    Tensor xt = *(Tensor *)xd, yt = *(Tensor *)yd;
    size_t n = xt.sizes.size();
    if (n != p.window.size() + 2 || yt.sizes.size() != n || xt.type != yt.type) return CUDNN_BAD_PARAM;
    for (size_t d = 0; d < n; d++) {
        int64_t expected = d < 2 ? xt.sizes[d] : (xt.sizes[d] + 2 * p.padding[d - 2] - p.window[d - 2]) / p.stride[d - 2] + 1;
        if (yt.sizes[d] != expected) return CUDNN_SHAPE_MISMATCH;
    }
    double a = scalar(alpha, xt.type), b = scalar(beta, xt.type);
    return on_stream(h, [=] {
        int64_t taps = 1;
        for (int w : p.window) taps *= w;
        std::vector<int64_t> at(n);
        for (int64_t i = 0, all = yt.count(); i < all; i++) {
            int64_t rest = i, yo = 0;
            for (size_t d = n; d-- > 0;) at[d] = rest % yt.sizes[d], rest /= yt.sizes[d], yo += at[d] * yt.strides[d];
            bool max = p.mode == 0 || p.mode == 3;
            double r = max ? -INFINITY : 0;
            int64_t counted = 0;
            for (int64_t tap = 0; tap < taps; tap++) {
                int64_t left = tap, xo = at[0] * xt.strides[0] + at[1] * xt.strides[1];
                bool inside = true;
                for (size_t d = n; d-- > 2;) {
                    int64_t q = at[d] * p.stride[d - 2] - p.padding[d - 2] + left % p.window[d - 2];
                    left /= p.window[d - 2];
                    inside = inside && q >= 0 && q < xt.sizes[d];
                    xo += q * xt.strides[d];
                }
                if (!inside) continue;
                counted++;
                double v = load(x, xo, xt.type);
                if (!max) r += v;
                else if (v != v || v > r) r = v;
                if (max && r != r) break;
            }
            if (!max) r /= (double)(p.mode == 1 ? taps : counted);
            store(y, yo, yt.type, a * r + (b == 0 ? 0 : b * load(y, yo, yt.type)));
        }
    });
}
EXPORT int cudnnSoftmaxForward(void *h, int algorithm, int mode, const void *alpha, void *xd, const void *x, const void *beta, void *yd, void *y) {
    Tensor xt = *(Tensor *)xd, yt = *(Tensor *)yd;
    if (xt.sizes != yt.sizes || mode != 1 || xt.sizes.size() != 4) return CUDNN_NOT_SUPPORTED;
    double a = scalar(alpha, xt.type), b = scalar(beta, xt.type);
    return on_stream(h, [=] {
        int64_t channels = xt.sizes[1], inner = xt.sizes[2] * xt.sizes[3];
        for (int64_t image = 0; image < xt.sizes[0]; image++) {
            for (int64_t place = 0; place < inner; place++) {
                auto index = [&](int64_t c) { return (image * channels + c) * inner + place; };
                double most = -INFINITY, sum = 0;
                for (int64_t c = 0; c < channels; c++) most = fmax(most, load(x, xt.offset(index(c)), xt.type));
                for (int64_t c = 0; c < channels; c++) sum += exp(load(x, xt.offset(index(c)), xt.type) - most);
                std::vector<double> row(channels);
                for (int64_t c = 0; c < channels; c++) {
                    double v = load(x, xt.offset(index(c)), xt.type) - most;
                    row[c] = algorithm == 2 ? v - log(sum) : exp(v) / sum;
                }
                for (int64_t c = 0; c < channels; c++) {
                    int64_t o = yt.offset(index(c));
                    store(y, o, yt.type, a * row[c] + (b == 0 ? 0 : b * load(y, o, yt.type)));
                }
            }
        }
    });
}
EXPORT int cudnnBatchNormalizationForwardInference(void *h, int mode, const void *alpha, const void *beta, void *xd, const void *x, void *yd, void *y,
                                                   void *pd, const void *scale, const void *bias, const void *mean, const void *variance, double epsilon) {
    Tensor xt = *(Tensor *)xd, yt = *(Tensor *)yd, pt = *(Tensor *)pd;
    Type expected = xt.type == Type::F64 ? Type::F64 : Type::F32;
    if (mode != 1 || xt.sizes != yt.sizes || pt.sizes[1] != xt.sizes[1] || pt.type != expected) return CUDNN_BAD_PARAM;
    if (epsilon < 0) return CUDNN_BAD_PARAM;
    double a = scalar(alpha, xt.type), b = scalar(beta, xt.type);
    return on_stream(h, [=] {
        int64_t inner = 1;
        for (size_t d = 2; d < xt.sizes.size(); d++) inner *= xt.sizes[d];
        for (int64_t i = 0, n = xt.count(); i < n; i++) {
            int64_t c = i / inner % xt.sizes[1], o = yt.offset(i);
            double v = (load(x, xt.offset(i), xt.type) - load(mean, c, pt.type)) / sqrt(load(variance, c, pt.type) + epsilon);
            v = v * load(scale, c, pt.type) + load(bias, c, pt.type);
            store(y, o, yt.type, a * v + (b == 0 ? 0 : b * load(y, o, yt.type)));
        }
    });
}
