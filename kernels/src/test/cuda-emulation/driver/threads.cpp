// Runs a grid: the threads of a block as fibers on the calling thread, one block after the other, or all blocks at once in a
// cooperative launch. A thread that never meets others runs from start to end, and the next one uses its stack again. Where no
// thread can meet others, all run on the caller's stack.
#include <setjmp.h>
#include <sys/mman.h>
#include <string.h>

#include "emulation.h"

extern "C" void cuemu_switch(void **save, void *to);
#if defined(__x86_64__)
// Saves what a callee must preserve on the old stack and goes on with the new one.
asm(R"(
.text
.globl cuemu_switch
.hidden cuemu_switch
.type cuemu_switch, @function
cuemu_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size cuemu_switch, .-cuemu_switch
)");
#else
#error "the CUDA emulation switches stacks on x86-64 only"
#endif

namespace emu {
namespace {

constexpr size_t STACK = 256 << 10;
constexpr int WARP = 32;
constexpr int PATIENCE = 1000;   // rounds in which threads do nothing but pause

enum State { READY, AT_BLOCK, AT_WARP, FINISHED };

struct Meeting {                 // of the lanes of one mask
    unsigned mask = 0, arrived = 0, generation = 0, brought[2] = {0, 0};
    uint64_t slots[2][WARP];
};
struct Warp {
    unsigned lanes = 0;          // that exist
    std::vector<Meeting> meetings;
};
struct Block {
    int waiting = 0, alive = 0, count = 0, last_count = 0;
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
    int predicate;
};

struct Scheduler {
    const Kernel *kernel;
    void **parameters;
    size_t block_threads;
    std::vector<Block> blocks;   // that run at once
    std::vector<Fiber> fibers;   // of these
    std::vector<Warp> warps;
    void *home;                  // the stack pointer of the scheduler
    Fiber *running;
    const char *failure;
};
Scheduler *scheduler;
std::vector<char *> spare_stacks;

char *take_stack() {
    if (!spare_stacks.empty()) {
        char *s = spare_stacks.back();
        spare_stacks.pop_back();
        return s;
    }
    void *p = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) abort();
    mprotect(p, 4096, PROT_NONE);
    return (char *)p;
}

void give_up_control() {
    Fiber *f = scheduler->running;
    cuemu_switch(&f->sp, scheduler->home);
}

void start() {
    Fiber *f = scheduler->running;
    scheduler->kernel->entry(scheduler->parameters);
    f->state = FINISHED;
    give_up_control();
    __builtin_unreachable();
}

void release_block(Block &b) {
    for (size_t i = b.first; i < b.first + scheduler->block_threads; i++) {
        if (scheduler->fibers[i].state == AT_BLOCK) scheduler->fibers[i].state = READY;
    }
    b.last_count = b.count;
    b.waiting = b.count = 0;
}

int meet_block(cuemu_thread *t, int predicate) {
    Fiber *f = (Fiber *)t;
    Block &b = *f->block;
    f->state = AT_BLOCK;
    b.waiting++;
    if (predicate) b.count++;
    if (b.waiting == b.alive) release_block(b);
    if (f->state != READY) give_up_control();
    return b.last_count;
}

void pause(cuemu_thread *t) {
    ((Fiber *)t)->paused = true;
    give_up_control();
}

[[noreturn]] void fail(cuemu_thread *, const char *message) {
    scheduler->failure = message;
    give_up_control();
    __builtin_unreachable();
}

const uint64_t *meet_warp(cuemu_thread *t, unsigned mask, uint64_t value, unsigned *arrived) {
    Fiber *f = (Fiber *)t;
    size_t block = f->block - scheduler->blocks.data(), within = f - scheduler->fibers.data() - f->block->first;
    size_t first = f->block->first + within / WARP * WARP, end = f->block->first + scheduler->block_threads;
    Warp &warp = scheduler->warps[block * ((scheduler->block_threads + WARP - 1) / WARP) + within / WARP];
    mask &= warp.lanes;
    Meeting *m = nullptr;
    for (Meeting &each : warp.meetings) if (each.mask == mask) m = &each;
    if (m == nullptr) {
        if (warp.meetings.size() == warp.meetings.capacity()) fail(t, "a warp uses too many different masks");
        warp.meetings.emplace_back();
        m = &warp.meetings.back();
        m->mask = mask;
    }
    int parity = m->generation & 1;
    m->slots[parity][t->lane] = value;
    m->arrived |= 1u << t->lane;
    if (m->arrived == mask) {
        m->brought[parity] = m->arrived;
        m->arrived = 0;
        m->generation++;
        for (size_t i = first; i < first + WARP && i < end; i++) {
            Fiber &other = scheduler->fibers[i];
            if (other.state == AT_WARP && other.meeting == m) other.state = READY;
        }
    } else {
        f->state = AT_WARP;
        f->meeting = m;
        give_up_control();
    }
    *arrived = m->brought[parity];
    return m->slots[parity];
}

const cuemu_host HOST = {meet_block, meet_warp, pause, fail};

// Runs a fiber until it gives up control.
void resume(Fiber &f, const Kernel &kernel) {
    scheduler->running = &f;
    f.paused = false;
    *kernel.current = &f.thread;
    cuemu_switch(&scheduler->home, f.sp);
}

void prepare(Fiber &f) {
    void **top = (void **)(f.stack + STACK) - 1;      // at start, the stack is aligned as after a call
    *--top = (void *)start;
    for (int i = 0; i < 6; i++) *--top = nullptr;
    f.sp = top;
}

cuemu_dim thread_of(size_t i, const cuemu_dim &block) {
    return {(unsigned)(i % block.x), (unsigned)(i / block.x % block.y), (unsigned)(i / block.x / block.y)};
}

void run_alone(const Kernel &kernel, cuemu_dim grid, cuemu_dim block, void *shared, void **parameters) {
    cuemu_thread t{{}, {}, block, grid, 0, shared, &HOST};
    *kernel.current = &t;
    size_t n = (size_t)block.x * block.y * block.z;
    for (t.block.z = 0; t.block.z < grid.z; t.block.z++)
        for (t.block.y = 0; t.block.y < grid.y; t.block.y++)
            for (t.block.x = 0; t.block.x < grid.x; t.block.x++)
                for (size_t i = 0; i < n; i++) {
                    t.thread = thread_of(i, block);
                    t.lane = (unsigned)(i % WARP);
                    kernel.entry(parameters);
                }
}

void run_blocks(Scheduler &s, const Kernel &kernel) {
    size_t n = s.fibers.size(), alive = n;
    for (Block &b : s.blocks) b.alive = (int)s.block_threads, b.waiting = b.count = 0;
    for (size_t i = 0; i < n; i++) s.fibers[i].state = READY, s.fibers[i].stack = nullptr;
    char *idle = nullptr;                             // the stack of a thread that has finished
    int pauses = 0;
    for (bool moved = true; moved && alive > 0 && !s.failure && pauses < PATIENCE; pauses++) {
        moved = false;
        for (size_t i = 0; i < n && !s.failure; i++) {
            Fiber &f = s.fibers[i];
            if (f.state != READY) continue;
            moved = true;
            if (f.stack == nullptr) {
                f.stack = idle ? idle : take_stack();
                idle = nullptr;
                prepare(f);
            }
            resume(f, kernel);
            if (!f.paused) pauses = 0;
            if (f.state != FINISHED) continue;
            if (idle) spare_stacks.push_back(idle);
            idle = f.stack;
            f.stack = nullptr;
            alive--;
            Block &b = *f.block;
            if (--b.alive > 0 && b.waiting == b.alive) release_block(b);
        }
    }
    if (idle) spare_stacks.push_back(idle);
    for (Fiber &f : s.fibers) if (f.stack) spare_stacks.push_back(f.stack);
    if (!s.failure && alive > 0) s.failure = "threads wait for others that do not come";
}

}  // namespace

void run_grid(const Kernel &kernel, cuemu_dim grid, cuemu_dim block, size_t shared, void **parameters, bool together) {
    size_t each = (shared + 15) / 16 * 16, at_once = together ? (size_t)grid.x * grid.y * grid.z : 1;
    std::vector<char> dynamic(each * at_once + 16);
    char *aligned = (char *)(((uintptr_t)dynamic.data() + 15) & ~(uintptr_t)15);
    if (!kernel.meets) {
        memset(aligned, 0xff, shared);
        return guarded([&] { run_alone(kernel, grid, block, aligned, parameters); });
    }
    Scheduler s{};
    s.kernel = &kernel;
    s.parameters = parameters;
    size_t n = (size_t)block.x * block.y * block.z, warps = (n + WARP - 1) / WARP;
    s.block_threads = n;
    s.blocks.resize(at_once);
    s.fibers.resize(n * at_once);
    s.warps.resize(warps * at_once);
    for (Warp &w : s.warps) w.meetings.reserve(16);
    for (size_t b = 0; b < at_once; b++) s.blocks[b].first = b * n;
    for (size_t i = 0; i < s.fibers.size(); i++) {
        size_t b = i / n, within = i % n;
        Fiber &f = s.fibers[i];
        f.block = &s.blocks[b];
        f.thread.block = thread_of(b, grid);
        f.thread.block_size = block;
        f.thread.grid_size = grid;
        f.thread.thread = thread_of(within, block);
        f.thread.lane = (unsigned)(within % WARP);
        f.thread.dynamic_shared = aligned + b * each;
        f.thread.host = &HOST;
        s.warps[b * warps + within / WARP].lanes |= 1u << within % WARP;
    }
    Scheduler *outer = scheduler;
    scheduler = &s;
    guarded([&] {
        memset(aligned, 0xff, each * at_once);        // shared memory starts with anything
        if (together) return run_blocks(s, kernel);
        for (unsigned z = 0; z < grid.z && !s.failure; z++)
            for (unsigned y = 0; y < grid.y && !s.failure; y++)
                for (unsigned x = 0; x < grid.x && !s.failure; x++) {
                    memset(aligned, 0xff, each);
                    for (Fiber &f : s.fibers) f.thread.block = {x, y, z};
                    for (Warp &w : s.warps) w.meetings.clear();
                    run_blocks(s, kernel);
                }
    });
    scheduler = outer;
    if (s.failure) lose(CUDA_ERROR_LAUNCH_FAILED, (kernel.name + ": " + s.failure).c_str());
}

}  // namespace emu
