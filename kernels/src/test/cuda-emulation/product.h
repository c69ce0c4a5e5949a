// Products of matrices as NVIDIA's libraries compute them: float sums of floats and narrower types, double sums of doubles. Sums go
// over k in order, whatever the blocks, so that results do not depend on them.
#pragma once
#include <stdint.h>
#include <string.h>

#include <algorithm>
#include <thread>
#include <vector>

// A matrix that is read by columns, a few side by side: [columns / WIDTH][rows][WIDTH], the last ones filled up with 0.
template <class T> struct Panels {
    static constexpr int64_t WIDTH = 64 / sizeof(T);
    int64_t rows, columns;
    std::vector<T> data;

    Panels(int64_t rows, int64_t columns) : rows(rows), columns(columns), data(count() * rows * WIDTH) {}
    int64_t count() const { return (columns + WIDTH - 1) / WIDTH; }
    T &at(int64_t row, int64_t column) { return data[(column / WIDTH * rows + row) * WIDTH + column % WIDTH]; }
};

namespace product {
constexpr int64_t ROWS = 4;                  // of the result, computed together
constexpr int64_t SMALL = 1 << 20;           // products that are not worth a thread

// sums[ROWS × WIDTH] of a few rows of a and one panel; products fused with sums where the machine can.
#define TILE(T)                                                                                                       \
    __attribute__((target_clones("arch=haswell", "default"), optimize("O3", "fp-contract=fast")))                     \
    static void tile(const T *a, int64_t rows, int64_t k, const T *panel, T *sums) {                                  \
        typedef T lanes __attribute__((vector_size(32)));                                                             \
        lanes s[ROWS][2] = {};                                                                                        \
        const T *row[ROWS];                                                                                           \
        for (int64_t r = 0; r < ROWS; r++) row[r] = a + std::min(r, rows - 1) * k;                                    \
        for (int64_t p = 0; p < k; p++, panel += Panels<T>::WIDTH) {                                                  \
            lanes left, right;                                                                                        \
            memcpy(&left, panel, sizeof left);                                                                        \
            memcpy(&right, panel + Panels<T>::WIDTH / 2, sizeof right);                                               \
            for (int64_t r = 0; r < ROWS; r++) {                                                                      \
                T v = row[r][p];                                                                                      \
                s[r][0] += v * left;                                                                                  \
                s[r][1] += v * right;                                                                                 \
            }                                                                                                         \
        }                                                                                                             \
        memcpy(sums, s, sizeof s);                                                                                    \
    }
TILE(float)
TILE(double)
#undef TILE

template <class T> void some_panels(const std::vector<T> &a, int64_t m, const Panels<T> &b, int64_t from, int64_t to, T *c) {
    constexpr int64_t WIDTH = Panels<T>::WIDTH;
    T sums[ROWS * WIDTH];
    for (int64_t j = from; j < to; j++) {
        int64_t columns = std::min(WIDTH, b.columns - j * WIDTH);
        for (int64_t i = 0; i < m; i += ROWS) {
            int64_t rows = std::min(ROWS, m - i);
            tile(a.data() + i * b.rows, rows, b.rows, b.data.data() + j * b.rows * WIDTH, sums);
            for (int64_t r = 0; r < rows; r++) memcpy(c + (i + r) * b.columns + j * WIDTH, sums + r * WIDTH, columns * sizeof(T));
        }
    }
}
}  // namespace product

// c[m × columns], row-major, from a[m × rows of b]. Large ones by two threads, which touch nothing but these three.
template <class T> void multiply(const std::vector<T> &a, int64_t m, const Panels<T> &b, std::vector<T> &c) {
    c.resize(m * b.columns);
    int64_t half = b.count() / 2;
    if (m * b.rows * b.columns < product::SMALL || half == 0) return product::some_panels(a, m, b, 0, b.count(), c.data());
    std::thread other([&] { product::some_panels(a, m, b, 0, half, c.data()); });
    product::some_panels(a, m, b, half, b.count(), c.data());
    other.join();
}
