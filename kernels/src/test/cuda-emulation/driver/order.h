// In which order threads and blocks run. A kernel that is right is so in any; one that lacks a barrier shows it in some.
#pragma once
#include <stdint.h>

namespace emu {

constexpr int64_t ASCENDING = 0, DESCENDING = -1;   // by number; another setting is random, and begins with this number

// Begins an order.
void set_order(int64_t setting);
// `ascending`, `descending` or `random:SEED`, with a seed of 1 or more, as a setting. Ends the process if it is none of them.
int64_t order_named(const char *name);

bool is_descending();
bool is_random();
// One of 0 … n - 1. Only for the random order; what comes next depends on all that came since set_order.
uint64_t any_of(uint64_t n);

// The numbers 0 … n - 1 in this order.
class Numbers {
  public:
    explicit Numbers(uint64_t n);
    // @param i fewer than n, which is fewer than 2^32 where the order is random
    uint64_t operator[](uint64_t i) const { return is_random ? (i * factor + first) % n : is_descending ? n - 1 - i : i; }

  private:
    uint64_t n, factor = 1, first = 0;
    bool is_random, is_descending;
};

}  // namespace emu
