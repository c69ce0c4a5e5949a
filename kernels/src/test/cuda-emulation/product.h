// Products of matrices in double: sums go over k in order, whatever the blocks, so that results do not depend on them.
#pragma once
#include <stdint.h>
#include <string.h>

#include <algorithm>
#include <thread>
#include <vector>

// A matrix that is read by columns, eight of them side by side: [columns / 8][rows][8], the last ones filled up with 0.
struct Panels {
    static constexpr int64_t WIDTH = 8;
    int64_t rows, columns;
    std::vector<double> data;

    Panels(int64_t rows, int64_t columns) : rows(rows), columns(columns), data(count() * rows * WIDTH) {}
    int64_t count() const { return (columns + WIDTH - 1) / WIDTH; }
    double &at(int64_t row, int64_t column) { return data[(column / WIDTH * rows + row) * WIDTH + column % WIDTH]; }
};

namespace product {
constexpr int64_t ROWS = 4;                  // of the result, computed together
constexpr int64_t SMALL = 1 << 20;           // products that are not worth a thread

// out[rows × 8 columns] of a few rows of a and one panel. Compiled for what this machine has.
__attribute__((target_clones("avx2", "default"), optimize("O3")))
static void tile(const double *a, int64_t rows, int64_t k, const double *panel, double *sums) {
    typedef double lanes __attribute__((vector_size(32)));
    lanes s[ROWS][2] = {};
    const double *row[ROWS];
    for (int64_t r = 0; r < ROWS; r++) row[r] = a + std::min(r, rows - 1) * k;
    for (int64_t p = 0; p < k; p++, panel += Panels::WIDTH) {
        lanes left, right;
        memcpy(&left, panel, sizeof left);
        memcpy(&right, panel + 4, sizeof right);
        for (int64_t r = 0; r < ROWS; r++) {
            double v = row[r][p];
            s[r][0] += v * left;
            s[r][1] += v * right;
        }
    }
    memcpy(sums, s, sizeof s);
}

static void some_panels(const std::vector<double> &a, int64_t m, const Panels &b, int64_t from, int64_t to, double *c) {
    double sums[ROWS * Panels::WIDTH];
    for (int64_t j = from; j < to; j++) {
        int64_t columns = std::min(Panels::WIDTH, b.columns - j * Panels::WIDTH);
        for (int64_t i = 0; i < m; i += ROWS) {
            int64_t rows = std::min(ROWS, m - i);
            tile(a.data() + i * b.rows, rows, b.rows, b.data.data() + j * b.rows * Panels::WIDTH, sums);
            for (int64_t r = 0; r < rows; r++)
                memcpy(c + (i + r) * b.columns + j * Panels::WIDTH, sums + r * Panels::WIDTH, columns * sizeof(double));
        }
    }
}
}  // namespace product

// c[m × columns], row-major, from a[m × rows of b]. Large ones by two threads, which touch nothing but these three.
static void multiply(const std::vector<double> &a, int64_t m, const Panels &b, std::vector<double> &c) {
    c.resize(m * b.columns);
    int64_t half = b.count() / 2;
    if (m * b.rows * b.columns < product::SMALL || half == 0) return product::some_panels(a, m, b, 0, b.count(), c.data());
    std::thread other([&] { product::some_panels(a, m, b, 0, half, c.data()); });
    product::some_panels(a, m, b, half, b.count(), c.data());
    other.join();
}
