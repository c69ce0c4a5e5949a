#include "order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <numeric>

namespace emu {
namespace {
int64_t setting = ASCENDING;
uint64_t state;

// Steele, Lea and Flood's SplitMix.
uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
}  // namespace

void set_order(int64_t s) {
    setting = s;
    state = (uint64_t)s;
}

int64_t order_named(const char *name) {
    if (!strcmp(name, "ascending")) return ASCENDING;
    if (!strcmp(name, "descending")) return DESCENDING;
    char *end = nullptr;
    long long seed = strncmp(name, "random:", 7) ? 0 : strtoll(name + 7, &end, 10);
    if (seed > 0 && *end == 0) return seed;
    fprintf(stderr, "CUDA emulation: '%s' is no order; ascending, descending or random:SEED with a seed of 1 or more is\n", name);
    exit(1);
}

bool is_descending() { return setting == DESCENDING; }
bool is_random() { return setting > 0; }
uint64_t any_of(uint64_t n) { return next() % n; }

Numbers::Numbers(uint64_t n) : n(n), is_random(emu::is_random()), is_descending(emu::is_descending()) {
    if (!is_random || n < 2) return;
    first = any_of(n);
    do factor = 1 + any_of(n);
    while (std::gcd(factor, n) != 1);
}

}  // namespace emu
