// The threads of the blocks that run at once, and where they wait for each other.
#pragma once
#include <deque>

#include "copies.h"
#include "emulation.h"

namespace emu {

constexpr int WARP = 32;

enum State { READY, AT_BLOCK, AT_WARP, FINISHED };

struct Meeting {                 // of the lanes of one mask
    unsigned mask = 0, arrived = 0, generation = 0, brought[2] = {0, 0};
    int line = 0;
    uint64_t slots[2][WARP];
};
struct Warp {
    unsigned lanes = 0;          // that exist
    std::vector<Meeting> meetings;
};
struct Block {
    int waiting = 0, alive = 0, count = 0, last_count = 0, line = 0;
    size_t first = 0;            // of its fibers
};
struct Fiber {
    cuemu_thread thread;         // first: the kernel's pointer to it is a pointer to the fiber
    Block *block;
    bool paused;
    State state;
    void *sp;
    char *stack;
    Meeting *meeting;
    Copies copies;
};

struct Scheduler {
    const Kernel *kernel;
    void **parameters;
    size_t block_threads;
    std::vector<Block> blocks;   // that run at once
    std::vector<Fiber> fibers;   // of these
    std::vector<Warp> warps;
    std::deque<Fiber *> ready;   // that can go on
    void *home;                  // the stack pointer of the scheduler
    Fiber *running;
    const char *failure;         // why the launch ends
};
extern Scheduler *scheduler;

// Lets the scheduler have another fiber go on.
void give_up_control();
// Lets all go on that wait for the block.
void release_block(Block &b);
// What kernels call.
extern const cuemu_host HOST;

}  // namespace emu
