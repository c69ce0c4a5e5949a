// What passes between the emulated driver, which schedules threads, and a compiled kernel, which runs as one of them.
#pragma once
#include <stdint.h>

struct cuemu_dim {
    unsigned x, y, z;
};

struct cuemu_thread;

// Where a kernel gives up control. Meetings return when the threads meant have arrived; all must come from the same line of the source.
struct cuemu_host {
    // Meets all living threads of the block; returns how many gave a predicate other than 0.
    int (*meet_block)(cuemu_thread *, int line, int predicate);
    // Meets the lanes of the mask, each bringing eight bytes; returns the 32 slots, and the lanes that brought something.
    const uint64_t *(*meet_warp)(cuemu_thread *, int line, unsigned mask, uint64_t value, unsigned *arrived);
    // Lets all other threads that can go on do so.
    void (*pause)(cuemu_thread *);
    // Lets others go first if the order of threads is random and has it so.
    void (*yield)(cuemu_thread *);
    // Copies 16 aligned bytes, or zeros, as late as it may: when the thread waits for the group. Until then there is anything.
    void (*bring)(cuemu_thread *, void *to, const void *from, bool is_there);
    // Ends the thread's group of copies.
    void (*end_group)(cuemu_thread *);
    // Waits for all but the last groups that ended; for all copies, those of no group too, if that is less than 0.
    void (*arrived)(cuemu_thread *, int but);
    // Ends the launch with an error, as __trap does.
    void (*fail)(cuemu_thread *, const char *message);
};

struct cuemu_thread {
    cuemu_dim thread, block, block_size, grid_size;
    unsigned lane;
    void *dynamic_shared;
    const cuemu_host *host;
};
