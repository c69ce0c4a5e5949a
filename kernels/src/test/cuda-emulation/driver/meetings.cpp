// What a kernel asks of the scheduler: to meet other threads, to let them go first, to copy later.
#include <stdio.h>

#include "fibers.h"
#include "order.h"

namespace emu {
namespace {

[[noreturn]] void fail(cuemu_thread *, const char *message) {
    scheduler->failure = message;
    give_up_control();
    __builtin_unreachable();
}

void check_line(cuemu_thread *t, bool first, int &meeting, int line) {
    if (first) meeting = line;
    if (meeting == line) return;
    static char message[96];
    snprintf(message, sizeof message, "some threads wait at line %d for others that wait at line %d", meeting, line);
    fail(t, message);
}

// Lets those of the fibers go on that meet; the running one, if it is among them, does so at once where the order is not random.
template <class Meets> void release(size_t first, size_t end, State waiting, Meets meets) {
    for (size_t i = first; i < end; i++) {
        Fiber &f = scheduler->fibers[is_descending() ? first + end - 1 - i : i];
        if (f.state != waiting || !meets(f)) continue;
        f.state = READY;
        if (&f != scheduler->running || is_random()) scheduler->ready.push_back(&f);
    }
}

int meet_block(cuemu_thread *t, int line, int predicate) {
    Fiber *f = (Fiber *)t;
    Block &b = *f->block;
    check_line(t, b.waiting == 0, b.line, line);
    f->state = AT_BLOCK;
    b.waiting++;
    if (predicate) b.count++;
    if (b.waiting == b.alive) release_block(b);
    if (f->state != READY || is_random()) give_up_control();
    return b.last_count;
}

const uint64_t *meet_warp(cuemu_thread *t, int line, unsigned mask, uint64_t value, unsigned *arrived) {
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
    check_line(t, m->arrived == 0, m->line, line);
    int parity = m->generation & 1;
    m->slots[parity][t->lane] = value;
    m->arrived |= 1u << t->lane;
    f->state = AT_WARP;
    f->meeting = m;
    if (m->arrived == mask) {
        m->brought[parity] = m->arrived;
        m->arrived = 0;
        m->generation++;
        release(first, first + WARP < end ? first + WARP : end, AT_WARP, [m](Fiber &other) { return other.meeting == m; });
    }
    if (f->state != READY || is_random()) give_up_control();
    *arrived = m->brought[parity];
    return m->slots[parity];
}

void pause(cuemu_thread *t) {
    Fiber *f = (Fiber *)t;
    f->paused = true;
    scheduler->ready.push_back(f);
    give_up_control();
}

void yield(cuemu_thread *t) {
    if (!is_random() || any_of(4) != 0) return;
    scheduler->ready.push_back((Fiber *)t);
    give_up_control();
}

void bring(cuemu_thread *t, void *to, const void *from, bool is_there) {
    if (!Copies::can_be(to, from)) fail(t, "an asynchronous copy of 16 bytes that are not aligned so");
    ((Fiber *)t)->copies.bring(to, from, is_there);
}
void end_group(cuemu_thread *t) { ((Fiber *)t)->copies.end_group(); }
void arrived(cuemu_thread *t, int but) { ((Fiber *)t)->copies.arrive(but); }

}  // namespace

void release_block(Block &b) {
    release(b.first, b.first + scheduler->block_threads, AT_BLOCK, [](Fiber &) { return true; });
    b.last_count = b.count;
    b.waiting = b.count = 0;
}

const cuemu_host HOST = {meet_block, meet_warp, pause, yield, bring, end_group, arrived, fail};

}  // namespace emu
