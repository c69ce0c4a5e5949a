// Runs a grid: the threads of a block as fibers on the calling thread, one block after the other. A thread that never
// meets others runs from start to end, and the next one uses its stack again. Where no thread can meet others, all run on
// the caller's stack.
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

enum State { READY, AT_BLOCK, AT_WARP, FINISHED };

struct Meeting {                 // of the lanes of one mask
    unsigned mask = 0, arrived = 0, generation = 0, brought[2] = {0, 0};
    uint64_t slots[2][WARP];
};
struct Warp {
    unsigned lanes = 0;          // that exist
    std::vector<Meeting> meetings;
};
struct Fiber {
    cuemu_thread thread;         // first: the kernel's pointer to it is a pointer to the fiber
    State state;
    void *sp;
    char *stack;
    Meeting *meeting;
    int predicate;
};

struct Scheduler {
    const Kernel *kernel;
    void **parameters;
    std::vector<Fiber> fibers;
    std::vector<Warp> warps;
    void *home;                  // the stack pointer of the scheduler
    Fiber *running;
    int waiting, alive, count, last_count;
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

void release_block() {
    for (Fiber &f : scheduler->fibers) if (f.state == AT_BLOCK) f.state = READY;
    scheduler->last_count = scheduler->count;
    scheduler->waiting = scheduler->count = 0;
}

int meet_block(cuemu_thread *t, int predicate) {
    Fiber *f = (Fiber *)t;
    f->state = AT_BLOCK;
    scheduler->waiting++;
    if (predicate) scheduler->count++;
    if (scheduler->waiting == scheduler->alive) release_block();
    if (f->state != READY) give_up_control();
    return scheduler->last_count;
}

[[noreturn]] void fail(cuemu_thread *, const char *message) {
    scheduler->failure = message;
    give_up_control();
    __builtin_unreachable();
}

const uint64_t *meet_warp(cuemu_thread *t, unsigned mask, uint64_t value, unsigned *arrived) {
    Fiber *f = (Fiber *)t;
    Warp &warp = scheduler->warps[(f - scheduler->fibers.data()) / WARP];
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
        int first = (int)(f - scheduler->fibers.data()) / WARP * WARP;
        for (int i = first; i < first + WARP && i < (int)scheduler->fibers.size(); i++) {
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

const cuemu_host HOST = {meet_block, meet_warp, fail};

// Runs a fiber until it gives up control.
void resume(Fiber &f, const Kernel &kernel) {
    scheduler->running = &f;
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

void run_block(Scheduler &s, const Kernel &kernel) {
    size_t n = s.fibers.size();
    s.alive = (int)n;
    s.waiting = s.count = 0;
    for (size_t i = 0; i < n; i++) s.fibers[i].state = READY, s.fibers[i].stack = nullptr;
    char *idle = nullptr;                             // the stack of a thread that has finished
    for (bool moved = true; moved && s.alive > 0 && !s.failure;) {
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
            if (f.state != FINISHED) continue;
            if (idle) spare_stacks.push_back(idle);
            idle = f.stack;
            f.stack = nullptr;
            s.alive--;
            if (s.alive > 0 && s.waiting == s.alive) release_block();
        }
    }
    if (idle) spare_stacks.push_back(idle);
    for (Fiber &f : s.fibers) if (f.stack) spare_stacks.push_back(f.stack);
    if (!s.failure && s.alive > 0) s.failure = "threads of a block wait for others that do not come";
}

}  // namespace

void run_grid(const Kernel &kernel, cuemu_dim grid, cuemu_dim block, size_t shared, void **parameters) {
    std::vector<char> dynamic(shared + 16);
    char *aligned = (char *)(((uintptr_t)dynamic.data() + 15) & ~(uintptr_t)15);
    if (!kernel.meets) {
        memset(aligned, 0xff, shared);
        return guarded([&] { run_alone(kernel, grid, block, aligned, parameters); });
    }
    Scheduler s{};
    s.kernel = &kernel;
    s.parameters = parameters;
    size_t n = (size_t)block.x * block.y * block.z;
    s.fibers.resize(n);
    s.warps.resize((n + WARP - 1) / WARP);
    for (Warp &w : s.warps) w.meetings.reserve(16);
    for (size_t i = 0; i < n; i++) {
        Fiber &f = s.fibers[i];
        f.thread.block_size = block;
        f.thread.grid_size = grid;
        f.thread.thread = thread_of(i, block);
        f.thread.lane = (unsigned)(i % WARP);
        f.thread.dynamic_shared = aligned;
        f.thread.host = &HOST;
        s.warps[i / WARP].lanes |= 1u << i % WARP;
    }
    Scheduler *outer = scheduler;
    scheduler = &s;
    guarded([&] {
        for (unsigned z = 0; z < grid.z && !s.failure; z++)
            for (unsigned y = 0; y < grid.y && !s.failure; y++)
                for (unsigned x = 0; x < grid.x && !s.failure; x++) {
                    memset(aligned, 0xff, shared);    // shared memory starts with anything
                    for (Fiber &f : s.fibers) f.thread.block = {x, y, z};
                    for (Warp &w : s.warps) w.meetings.clear();
                    run_block(s, kernel);
                }
    });
    scheduler = outer;
    if (s.failure) lose(CUDA_ERROR_LAUNCH_FAILED, (kernel.name + ": " + s.failure).c_str());
}

}  // namespace emu
