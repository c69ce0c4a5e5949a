// Runs a grid: the threads of a block as fibers on the calling thread, one block after the other, or all blocks at once in a
// cooperative launch. A thread that never meets others runs from start to end, and the next one uses its stack again. Where no
// thread can meet others, all run on the caller's stack. Which thread goes on says the order (order.h); where it is random, a thread
// that others have waited for has no advantage over them.
#include <sys/mman.h>
#include <string.h>

#include "fibers.h"
#include "order.h"

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

Scheduler *scheduler;

void give_up_control() {
    Fiber *f = scheduler->running;
    cuemu_switch(&f->sp, scheduler->home);
}

namespace {

constexpr size_t STACK = 256 << 10;
constexpr size_t PATIENCE = 1000;   // times that each thread does nothing but pause
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

void start() {
    Fiber *f = scheduler->running;
    scheduler->kernel->entry(scheduler->parameters);
    f->state = FINISHED;
    give_up_control();
    __builtin_unreachable();
}

// Of a thread that has no stack of its own.
const cuemu_host ALONE = {nullptr, nullptr, nullptr, [](cuemu_thread *) {}, nullptr, nullptr, nullptr, nullptr};

Fiber *next_ready() {
    std::deque<Fiber *> &ready = scheduler->ready;
    if (is_random()) std::swap(ready.front(), ready[any_of(ready.size())]);
    Fiber *f = ready.front();
    ready.pop_front();
    return f;
}

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

cuemu_dim place_of(size_t i, const cuemu_dim &size) {
    return {(unsigned)(i % size.x), (unsigned)(i / size.x % size.y), (unsigned)(i / size.x / size.y)};
}
size_t count_of(const cuemu_dim &d) { return (size_t)d.x * d.y * d.z; }

void run_alone(const Kernel &kernel, cuemu_dim grid, cuemu_dim block, void *shared, void **parameters) {
    cuemu_thread t{{}, {}, block, grid, 0, shared, &ALONE};
    *kernel.current = &t;
    Numbers blocks(count_of(grid)), threads(count_of(block));
    for (size_t b = 0; b < count_of(grid); b++) {
        t.block = place_of(blocks[b], grid);
        for (size_t i = 0; i < count_of(block); i++) {
            size_t within = threads[i];
            t.thread = place_of(within, block);
            t.lane = (unsigned)(within % WARP);
            kernel.entry(parameters);
        }
    }
}

void run_blocks(Scheduler &s, const Kernel &kernel) {
    size_t n = s.fibers.size(), alive = n, pauses = 0;
    for (Block &b : s.blocks) b.alive = (int)s.block_threads, b.waiting = b.count = 0;
    s.ready.clear();
    for (size_t i = 0; i < n; i++) {
        Fiber &f = s.fibers[is_descending() ? n - 1 - i : i];
        f.state = READY;
        f.stack = nullptr;
        f.copies.drop();
        s.ready.push_back(&f);
    }
    char *idle = nullptr;                             // the stack of a thread that has finished
    while (!s.ready.empty() && !s.failure && pauses < PATIENCE * n) {
        Fiber &f = *next_ready();
        if (f.stack == nullptr) {
            f.stack = idle ? idle : take_stack();
            idle = nullptr;
            prepare(f);
        }
        resume(f, kernel);
        pauses = f.paused ? pauses + 1 : 0;
        if (f.state != FINISHED) continue;
        if (idle) spare_stacks.push_back(idle);
        idle = f.stack;
        f.stack = nullptr;
        alive--;
        Block &b = *f.block;
        if (--b.alive > 0 && b.waiting == b.alive) release_block(b);
    }
    if (idle) spare_stacks.push_back(idle);
    for (Fiber &f : s.fibers) if (f.stack) spare_stacks.push_back(f.stack);
    if (!s.failure && alive > 0) s.failure = "threads wait for others that do not come";
}

// Memory starts with anything.
void spoil(void *memory, size_t bytes) { if (bytes > 0) memset(memory, 0xff, bytes); }

}  // namespace

void run_grid(const Kernel &kernel, cuemu_dim grid, cuemu_dim block, size_t shared, void **parameters, bool together) {
    size_t each = (shared + 15) / 16 * 16, at_once = together ? count_of(grid) : 1;
    std::vector<char> dynamic(each * at_once + 16);
    char *aligned = (char *)(((uintptr_t)dynamic.data() + 15) & ~(uintptr_t)15);
    if (!kernel.meets) {
        spoil(aligned, shared);
        return guarded([&] { run_alone(kernel, grid, block, aligned, parameters); });
    }
    Scheduler s{};
    s.kernel = &kernel;
    s.parameters = parameters;
    size_t n = count_of(block), warps = (n + WARP - 1) / WARP;
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
        f.thread.block = place_of(b, grid);
        f.thread.block_size = block;
        f.thread.grid_size = grid;
        f.thread.thread = place_of(within, block);
        f.thread.lane = (unsigned)(within % WARP);
        f.thread.dynamic_shared = aligned + b * each;
        f.thread.host = &HOST;
        s.warps[b * warps + within / WARP].lanes |= 1u << within % WARP;
    }
    Scheduler *outer = scheduler;
    scheduler = &s;
    guarded([&] {
        size_t turns = count_of(grid) / at_once;
        Numbers blocks(turns);
        for (size_t turn = 0; turn < turns && !s.failure; turn++) {
            spoil(aligned, each * at_once);
            spoil(kernel.shared, kernel.shared_bytes);
            if (!together) for (Fiber &f : s.fibers) f.thread.block = place_of(blocks[turn], grid);
            for (Warp &w : s.warps) w.meetings.clear();
            run_blocks(s, kernel);
        }
    });
    scheduler = outer;
    if (s.failure) lose(CUDA_ERROR_LAUNCH_FAILED, (kernel.name + ": " + s.failure).c_str());
}

}  // namespace emu
