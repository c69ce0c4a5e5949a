// Products of matrices as both of NVIDIA's libraries for them compute: column-major, D = f(alpha op(A) op(B) + beta C + bias).
#pragma once
#include <math.h>

#include "library.h"
#include "product.h"

namespace {

Type type_of(int cuda) {
    switch (cuda) {
        case 0: return Type::F32;
        case 1: return Type::F64;
        case 2: return Type::F16;
        case 14: return Type::BF16;
        default: return Type::NONE;
    }
}

struct Gemm {
    bool ta, tb, tf32;
    int m, n, k, count;
    double alpha, beta;
    Type t;
    const char *a, *b, *c;
    char *d;
    int64_t lda, ldb, ldc, ldd;
    int64_t step_a, step_b, step_c, step_d;     // from one matrix of a batch to the next
    const char *bias = nullptr;                 // for each row
    int function = 0;                           // 2: relu, 32: gelu

    void run() const {
        size_t s = size_of(t);
        for (int i = 0; i < count; i++) {
            if (t == Type::F64) one<double>(a + i * step_a * s, b + i * step_b * s, c + i * step_c * s, d + i * step_d * s);
            else one<float>(a + i * step_a * s, b + i * step_b * s, c + i * step_c * s, d + i * step_d * s);
        }
    }
    double left(const char *a, int64_t row, int64_t i) const { return rounded(load(a, ta ? i + row * lda : row + i * lda, t), tf32); }
    double right(const char *b, int64_t i, int64_t col) const { return rounded(load(b, tb ? col + i * ldb : i + col * ldb, t), tf32); }

    double after(double v) const {
        if (function == 2) return v > 0 ? v : 0;
        return function == 32 ? v / 2 * (1 + tanh(0.7978845608028654 * (v + 0.044715 * v * v * v))) : v;
    }

    // Panels are made of the side that has more of them.
    template <class T> void one(const char *a, const char *b, const char *c, char *d) const {
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
                double before = beta == 0 ? 0 : beta * load(c, row + col * ldc, t);
                double v = alpha * out[turned ? col * m + row : row * n + col] + before + (bias ? load(bias, row, t) : 0);
                store(d, row + col * ldd, t, after(v));
            }
        }
    }
};

}  // namespace
