// The entry points of cuBLAS that Cresset uses.
#include "../gemm.h"

namespace {

enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };

struct Handle {
    void *stream;
    int atomics, math;
    void *workspace;
};

}  // namespace

EXPORT int cublasCreate_v2(void **out) {
    if (cuemu_sticky() || !cuemu_thread_has_context()) return NOT_INITIALIZED;
    if (cuemu_waits_for_context()) return EXECUTION_FAILED;
    *out = new Handle{};
    return SUCCESS;
}
EXPORT int cublasDestroy_v2(void *handle) {
    if (cuemu_waits_for_context()) return EXECUTION_FAILED;
    delete (Handle *)handle;
    return SUCCESS;
}
EXPORT int cublasSetStream_v2(void *handle, void *stream) {
    ((Handle *)handle)->stream = stream;
    return SUCCESS;
}
EXPORT int cublasSetWorkspace_v2(void *handle, void *workspace, size_t bytes) {
    if ((bytes && !cuemu_is_device(workspace, bytes)) || (uintptr_t)workspace % 256) return INVALID_VALUE;
    ((Handle *)handle)->workspace = workspace;
    return SUCCESS;
}
EXPORT int cublasSetMathMode(void *handle, int mode) {
    ((Handle *)handle)->math = mode;
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
    if (size_of(t) == 2 && !(h->math & 16)) return NOT_SUPPORTED;       // parts of sums could be added up in 16 bits
    if (m < 0 || n < 0 || k < 0 || lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m || lda < 1 || ldb < 1 || ldc < 1) return INVALID_VALUE;
    if (m == 0 || n == 0 || count == 0) return SUCCESS;
    Gemm g{ta != 0, tb != 0, compute == 77, m, n, k, count, scalar(alpha, t), scalar(beta, t), t,
           (const char *)a, (const char *)b, (const char *)c, (char *)c, lda, ldb, ldc, ldc, da, db, dc, dc};
    return submit(h->stream, [g] { g.run(); }) ? EXECUTION_FAILED : SUCCESS;
}
EXPORT int cublasGemmEx(void *handle, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda,
                        const void *b, int bt, int ldb, const void *beta, void *c, int ct, int ldc, int compute, int algorithm) {
    return cublasGemmStridedBatchedEx(handle, ta, tb, m, n, k, alpha, a, at, lda, 0, b, bt, ldb, 0, beta, c, ct, ldc, 0, 1, compute, algorithm);
}
