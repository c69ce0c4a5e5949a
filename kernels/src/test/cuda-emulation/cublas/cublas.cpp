// The entry points of cuBLAS that Cresset uses.
#include "../library.h"
#include "../product.h"

namespace {

enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };

struct Handle {
    void *stream;
    int atomics, math;
    void *workspace;
};

Type type_of(int cuda) {
    switch (cuda) {
        case 0: return Type::F32;
        case 1: return Type::F64;
        case 2: return Type::F16;
        case 14: return Type::BF16;
        default: return Type::NONE;
    }
}

// TF32 keeps ten bits of the fraction.
double rounded(double v, bool tf32) {
    if (!tf32) return v;
    uint32_t u = cuemu::bits_of((float)v);
    if ((u & 0x7f800000) == 0x7f800000) return v;
    return cuemu::float_of((u + 0xfff + (u >> 13 & 1)) & 0xffffe000);
}

struct Gemm {
    bool ta, tb, tf32;
    int m, n, k, count;
    double alpha, beta;
    Type t;
    const char *a, *b;
    char *c;
    int lda, ldb, ldc;
    int64_t da, db, dc;

    void run() const {
        size_t s = size_of(t);
        for (int i = 0; i < count; i++) {
            if (t == Type::F64) one<double>(a + i * da * s, b + i * db * s, c + i * dc * s);
            else one<float>(a + i * da * s, b + i * db * s, c + i * dc * s);
        }
    }
    double left(const char *a, int64_t row, int64_t i) const { return rounded(load(a, ta ? i + row * lda : row + i * lda, t), tf32); }
    double right(const char *b, int64_t i, int64_t col) const { return rounded(load(b, tb ? col + i * ldb : i + col * ldb, t), tf32); }

    // Panels are made of the side that has more of them.
    template <class T> void one(const char *a, const char *b, char *c) const {
        bool turned = n < m;
        int64_t rows = turned ? n : m, columns = turned ? m : n;
        std::vector<T> lines(rows * k), out;
        Panels<T> panels(k, columns);
        for (int64_t r = 0; r < rows; r++)
            for (int64_t i = 0; i < k; i++) lines[r * k + i] = (T)(turned ? right(b, i, r) : left(a, r, i));
        for (int64_t q = 0; q < columns; q++)
            for (int64_t i = 0; i < k; i++) panels.at(i, q) = (T)(turned ? left(a, q, i) : right(b, i, q));
        multiply(lines, rows, panels, out);
        for (int64_t col = 0; col < n; col++) {
            for (int64_t row = 0; row < m; row++) {
                int64_t at = row + col * ldc;
                double before = beta == 0 ? 0 : beta * load(c, at, t);
                store(c, at, t, alpha * out[turned ? col * m + row : row * n + col] + before);
            }
        }
    }
};

}  // namespace

EXPORT int cublasCreate_v2(void **out) {
    if (cuemu_sticky() || !cuemu_thread_has_context()) return NOT_INITIALIZED;
    *out = new Handle{};
    return SUCCESS;
}
EXPORT int cublasDestroy_v2(void *handle) {
    delete (Handle *)handle;
    return SUCCESS;
}
EXPORT int cublasSetStream_v2(void *handle, void *stream) {
    ((Handle *)handle)->stream = stream;
    return SUCCESS;
}
EXPORT int cublasSetWorkspace_v2(void *handle, void *workspace, size_t bytes) {
    if (bytes && !cuemu_is_device(workspace, bytes)) return INVALID_VALUE;
    ((Handle *)handle)->workspace = workspace;
    return SUCCESS;
}
EXPORT int cublasSetAtomicsMode(void *handle, int mode) {
    ((Handle *)handle)->atomics = mode;
    return SUCCESS;
}
EXPORT int cublasGemmStridedBatchedEx(void *handle, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at,
                                      int lda, long long da, const void *b, int bt, int ldb, long long db, const void *beta, void *c,
                                      int ct, int ldc, long long dc, int count, int compute, int) {
    Handle *h = (Handle *)handle;
    Type t = type_of(at);
    if (t == Type::NONE || bt != at || ct != at) return NOT_SUPPORTED;
    bool fits = t == Type::F64 ? compute == 70 : t == Type::F32 ? compute == 68 || compute == 77 : compute == 68;
    if (!fits) return NOT_SUPPORTED;
    if (m < 0 || n < 0 || k < 0 || lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m || lda < 1 || ldb < 1 || ldc < 1) return INVALID_VALUE;
    if (m == 0 || n == 0 || count == 0) return SUCCESS;
    Gemm g{ta != 0, tb != 0, compute == 77, m, n, k, count, scalar(alpha, t), scalar(beta, t), t,
           (const char *)a, (const char *)b, (char *)c, lda, ldb, ldc, da, db, dc};
    return submit(h->stream, [g] { g.run(); }) ? EXECUTION_FAILED : SUCCESS;
}
EXPORT int cublasGemmEx(void *handle, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda,
                        const void *b, int bt, int ldb, const void *beta, void *c, int ct, int ldc, int compute, int algorithm) {
    return cublasGemmStridedBatchedEx(handle, ta, tb, m, n, k, alpha, a, at, lda, 0, b, bt, ldb, 0, beta, c, ct, ldc, 0, 1, compute, algorithm);
}
