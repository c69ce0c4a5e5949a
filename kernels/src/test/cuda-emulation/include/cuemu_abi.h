// What passes between the emulated driver, which schedules threads, and a compiled kernel, which runs as one of them.
#pragma once
#include <stdint.h>

struct cuemu_dim {
    unsigned x, y, z;
};

struct cuemu_thread;

// Where a kernel gives up control. All of them return when the threads meant have arrived.
struct cuemu_host {
    // Meets all living threads of the block; returns how many gave a predicate other than 0.
    int (*meet_block)(cuemu_thread *, int predicate);
    // Meets the lanes of the mask, each bringing eight bytes; returns the 32 slots, and the lanes that brought something.
    const uint64_t *(*meet_warp)(cuemu_thread *, unsigned mask, uint64_t value, unsigned *arrived);
    // Lets all other threads that can go on do so.
    void (*pause)(cuemu_thread *);
    // Ends the launch with an error, as __trap does.
    void (*fail)(cuemu_thread *, const char *message);
};

struct cuemu_thread {
    cuemu_dim thread, block, block_size, grid_size;
    unsigned lane;
    void *dynamic_shared;
    const cuemu_host *host;
};
