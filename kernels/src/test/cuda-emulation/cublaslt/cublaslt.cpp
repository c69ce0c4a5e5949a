// The entry points of cuBLASLt that Cresset uses. Stricter than NVIDIA's where that shows mistakes: an algorithm is for the product it
// was chosen for, and needs its workspace.
#include "../gemm.h"

namespace {

enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum { BIAS = 4, RELU = 2, GELU = 32 };

struct Description {
    int compute, scale, ta = 0, tb = 0, epilogue = 1;
    const char *bias = nullptr;
};
struct Layout {
    int type;
    uint64_t rows, cols;
    int64_t ld;
    int count = 1;
    int64_t distance = 0;
};
struct Preference {
    uint64_t workspace = 0;
    uint32_t reductions = 7;
    uint32_t alignment[4] = {256, 256, 256, 256};
};
struct Algorithm {
    uint64_t magic, product, workspace, alignment[4], unused;
};
struct Result {
    Algorithm algorithm;
    size_t workspace;
    int state;
    float waves;
    int reserved[4];
};
static_assert(sizeof(Algorithm) == 64 && sizeof(Result) == 96, "as in NVIDIA's header");

constexpr uint64_t MAGIC = 0x1f2e3d4c5b6a7988;

uint64_t mixed(uint64_t h, uint64_t v) { return (h ^ v) * 0x9e3779b97f4a7c15 + (h >> 29); }
uint64_t hash(const Layout &l) {
    uint64_t h = 1;
    for (uint64_t v : {(uint64_t)l.type, l.rows, l.cols, (uint64_t)l.ld, (uint64_t)l.count, (uint64_t)l.distance}) h = mixed(h, v);
    return h;
}
uint64_t hash(const Description &p, const Layout &a, const Layout &b, const Layout &c, const Layout &d) {
    uint64_t h = mixed(mixed(mixed(p.compute, p.ta), p.tb), p.epilogue);
    for (const Layout *l : {&a, &b, &c, &d}) h = mixed(h, hash(*l));
    return h;
}
uint64_t rows(const Layout &l, int t) { return t ? l.cols : l.rows; }
uint64_t cols(const Layout &l, int t) { return t ? l.rows : l.cols; }

int check(const Description &p, const Layout &a, const Layout &b, const Layout &c, const Layout &d) {
    Type t = type_of(d.type);
    if (t == Type::NONE || a.type != d.type || b.type != d.type || c.type != d.type) return NOT_SUPPORTED;
    bool fits = t == Type::F64 ? p.compute == 70 && p.scale == 1 : p.scale == 0 && (p.compute == 68 || (t == Type::F32 && p.compute == 77));
    if (!fits) return NOT_SUPPORTED;
    if (t == Type::F64 && p.epilogue != 1) return NOT_SUPPORTED;
    int rest = p.epilogue & ~BIAS;
    if (p.epilogue != 1 && rest != 0 && rest != RELU && rest != GELU) return NOT_SUPPORTED;
    if (((p.epilogue & BIAS) != 0) != (p.bias != nullptr) || (p.bias && (uintptr_t)p.bias % 16)) return INVALID_VALUE;
    if (rows(a, p.ta) != d.rows || cols(b, p.tb) != d.cols || cols(a, p.ta) != rows(b, p.tb) || c.rows != d.rows || c.cols != d.cols) return INVALID_VALUE;
    if (a.count != d.count || b.count != d.count || c.count != d.count) return INVALID_VALUE;
    for (const Layout *l : {&a, &b, &c, &d}) if (l->ld < (int64_t)l->rows) return INVALID_VALUE;
    return SUCCESS;
}

template <class T> int set(T *to, const void *from, size_t bytes) {
    if (bytes != sizeof(T)) return INVALID_VALUE;
    memcpy(to, from, bytes);
    return SUCCESS;
}

}  // namespace

EXPORT size_t cublasLtGetVersion() { return 120600; }
EXPORT int cublasLtCreate(void **out) {
    if (cuemu_sticky() || !cuemu_thread_has_context()) return NOT_INITIALIZED;
    if (cuemu_waits_for_context()) return EXECUTION_FAILED;
    *out = malloc(1);
    return SUCCESS;
}
EXPORT int cublasLtDestroy(void *handle) {
    if (cuemu_waits_for_context()) return EXECUTION_FAILED;
    free(handle);
    return SUCCESS;
}
EXPORT int cublasLtMatmulDescCreate(Description **out, int compute, int scale) {
    *out = new Description{compute, scale};
    return SUCCESS;
}
EXPORT int cublasLtMatmulDescDestroy(Description *d) {
    delete d;
    return SUCCESS;
}
EXPORT int cublasLtMatmulDescSetAttribute(Description *d, int attribute, const void *from, size_t bytes) {
    switch (attribute) {
        case 3: return set(&d->ta, from, bytes);
        case 4: return set(&d->tb, from, bytes);
        case 7: return set(&d->epilogue, from, bytes);
        case 8: return set(&d->bias, from, bytes);
        default: return INVALID_VALUE;
    }
}
EXPORT int cublasLtMatrixLayoutCreate(Layout **out, int type, uint64_t rows, uint64_t cols, int64_t ld) {
    *out = new Layout{type, rows, cols, ld};
    return SUCCESS;
}
EXPORT int cublasLtMatrixLayoutDestroy(Layout *l) {
    delete l;
    return SUCCESS;
}
EXPORT int cublasLtMatrixLayoutSetAttribute(Layout *l, int attribute, const void *from, size_t bytes) {
    switch (attribute) {
        case 5: return set(&l->count, from, bytes);
        case 6: return set(&l->distance, from, bytes);
        default: return INVALID_VALUE;
    }
}
EXPORT int cublasLtMatmulPreferenceCreate(Preference **out) {
    *out = new Preference;
    return SUCCESS;
}
EXPORT int cublasLtMatmulPreferenceDestroy(Preference *p) {
    delete p;
    return SUCCESS;
}
EXPORT int cublasLtMatmulPreferenceSetAttribute(Preference *p, int attribute, const void *from, size_t bytes) {
    if (attribute == 1) return set(&p->workspace, from, bytes);
    if (attribute == 3) return set(&p->reductions, from, bytes);
    if (attribute >= 5 && attribute <= 8) return set(&p->alignment[attribute - 5], from, bytes);
    return INVALID_VALUE;
}
EXPORT int cublasLtMatmulAlgoGetHeuristic(void *, const Description *p, const Layout *a, const Layout *b, const Layout *c, const Layout *d,
                                          const Preference *preference, int wanted, Result *results, int *found) {
    *found = 0;
    if (wanted < 1) return INVALID_VALUE;
    int status = check(*p, *a, *b, *c, *d);
    if (status != SUCCESS) return status;
    if (size_of(type_of(d->type)) == 2 && preference->reductions & ~2u) return NOT_SUPPORTED;   // parts of sums could be added up in 16 bits
    uint64_t workspace = std::min<uint64_t>(preference->workspace, cols(*a, p->ta) > 16 ? 1024 : 0);
    Algorithm chosen{MAGIC, hash(*p, *a, *b, *c, *d), workspace, {}, 0};
    for (int i = 0; i < 4; i++) chosen.alignment[i] = preference->alignment[i];
    results[0] = Result{chosen, workspace, SUCCESS, 1, {}};
    *found = 1;
    return SUCCESS;
}
EXPORT int cublasLtMatmul(void *, const Description *p, const void *alpha, const void *a, const Layout *la, const void *b, const Layout *lb,
                          const void *beta, const void *c, const Layout *lc, void *d, const Layout *ld, const Algorithm *algorithm,
                          void *workspace, size_t bytes, void *stream) {
    int status = check(*p, *la, *lb, *lc, *ld);
    if (status != SUCCESS) return status;
    if (algorithm->magic != MAGIC || algorithm->product != hash(*p, *la, *lb, *lc, *ld)) return INVALID_VALUE;
    if (bytes < algorithm->workspace || (bytes && !cuemu_is_device(workspace, bytes)) || (uintptr_t)workspace % 256) return INVALID_VALUE;
    const void *addresses[] = {a, b, c, d};
    for (int i = 0; i < 4; i++) if ((uintptr_t)addresses[i] % algorithm->alignment[i]) return INVALID_VALUE;
    Type t = type_of(ld->type);
    Gemm g{p->ta != 0, p->tb != 0, p->compute == 77, (int)ld->rows, (int)ld->cols, (int)cols(*la, p->ta), ld->count, scalar(alpha, t), scalar(beta, t), t,
           (const char *)a, (const char *)b, (const char *)c, (char *)d, la->ld, lb->ld, lc->ld, ld->ld, la->distance, lb->distance, lc->distance,
           ld->distance, p->bias, p->epilogue & ~BIAS & ~1};
    size_t used = algorithm->workspace;
    return submit(stream, [g, workspace, used] {
        if (used) memset(workspace, 0x5a, used);
        g.run();
    }) ? EXECUTION_FAILED : SUCCESS;
}
