// CUDA C for a C++ compiler: included before every kernel source that the emulated NVRTC compiles. A thread of a block
// is a fiber of the process; shared memory is static, as one block runs at a time. Only dynamic shared memory is each block's own where
// all blocks run at once, in a cooperative launch.
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cuemu_abi.h"
#include "cuemu_types.h"

#define __CUDACC__ 1
#define __CUDACC_RTC__ 1
#define __CUDA_EMULATION__ 1
#define __global__ CUEMU_GLOBAL
#define __shared__ CUEMU_SHARED
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))
#define __launch_bounds__(...)
#define __grid_constant__

// The thread that runs now; set by the driver whenever it lets another one run.
extern "C" __attribute__((visibility("default"))) cuemu_thread *cuemu_current;
#define threadIdx (cuemu_current->thread)
#define blockIdx (cuemu_current->block)
#define blockDim (cuemu_current->block_size)
#define gridDim (cuemu_current->grid_size)
#define warpSize 32

// Is in a module only if something in it meets other threads or fails: then a thread needs a stack of its own.
extern "C" { inline __attribute__((visibility("default"))) char cuemu_meets = 1; }
namespace cuemu {
static inline const cuemu_host *host() {
    asm volatile("" ::"m"(cuemu_meets));
    return cuemu_current->host;
}
}  // namespace cuemu

// The line of the source that a meeting is on, given as a last parameter of its own.
#define CUEMU_LINE int line = __builtin_LINE()

static inline void __syncthreads(CUEMU_LINE) { cuemu::host()->meet_block(cuemu_current, line, 0); }
static inline int __syncthreads_count(int p, CUEMU_LINE) { return cuemu::host()->meet_block(cuemu_current, line, p != 0); }
static inline int __syncthreads_or(int p, CUEMU_LINE) { return __syncthreads_count(p, line) != 0; }
static inline int __syncthreads_and(int p, CUEMU_LINE) { return __syncthreads_count(!p, line) == 0; }
static inline void __threadfence() {}
static inline void __threadfence_block() {}
static inline void __threadfence_system() {}
static inline void __nanosleep(unsigned) { cuemu::host()->pause(cuemu_current); }
static inline void __trap() { cuemu::host()->fail(cuemu_current, "__trap"); }
#undef assert
#define assert(c) ((c) ? (void)0 : cuemu::host()->fail(cuemu_current, "assertion failed: " #c))

namespace cuemu {
static inline const uint64_t *meet(int line, unsigned mask, uint64_t value, unsigned *arrived) {
    if (!(mask >> cuemu_current->lane & 1)) cuemu::host()->fail(cuemu_current, "a warp operation whose mask leaves out the caller");
    return cuemu::host()->meet_warp(cuemu_current, line, mask, value, arrived);
}
// The value of a lane. Of one that brought none, the hardware gives anything: here, all ones.
template <class T> T value_of(int line, unsigned mask, T mine, int lane) {
    static_assert(sizeof(T) <= 8, "shuffles move at most eight bytes");
    uint64_t raw = 0;
    memcpy(&raw, &mine, sizeof(T));
    unsigned arrived;
    const uint64_t *slots = meet(line, mask, raw, &arrived);
    raw = arrived >> lane & 1 ? slots[lane] : ~(uint64_t)0;
    memcpy(&mine, &raw, sizeof(T));
    return mine;
}
static inline int lane() { return (int)cuemu_current->lane; }
}  // namespace cuemu

static inline void __syncwarp(unsigned mask = 0xffffffffu, CUEMU_LINE) { unsigned arrived; cuemu::meet(line, mask, 0, &arrived); }
static inline unsigned __ballot_sync(unsigned mask, int p, CUEMU_LINE) {
    unsigned arrived, out = 0;
    const uint64_t *slots = cuemu::meet(line, mask, p != 0, &arrived);
    for (int i = 0; i < 32; i++) if ((arrived >> i & 1) && slots[i]) out |= 1u << i;
    return out;
}
static inline int __any_sync(unsigned mask, int p, CUEMU_LINE) { return __ballot_sync(mask, p, line) != 0; }
static inline int __all_sync(unsigned mask, int p, CUEMU_LINE) { return __ballot_sync(mask, !p, line) == 0; }
template <class T> T __shfl_sync(unsigned mask, T v, int from, int width = 32, CUEMU_LINE) {
    int first = cuemu::lane() & -width;
    return cuemu::value_of(line, mask, v, first + (from & (width - 1)));
}
template <class T> T __shfl_up_sync(unsigned mask, T v, unsigned delta, int width = 32, CUEMU_LINE) {
    int from = cuemu::lane() - (int)delta;
    return cuemu::value_of(line, mask, v, from < (cuemu::lane() & -width) ? cuemu::lane() : from);
}
template <class T> T __shfl_down_sync(unsigned mask, T v, unsigned delta, int width = 32, CUEMU_LINE) {
    int from = cuemu::lane() + (int)delta;
    return cuemu::value_of(line, mask, v, from >= (cuemu::lane() & -width) + width ? cuemu::lane() : from);
}
template <class T> T __shfl_xor_sync(unsigned mask, T v, int bits, int width = 32, CUEMU_LINE) {
    int from = cuemu::lane() ^ bits;
    return cuemu::value_of(line, mask, v, from >= (cuemu::lane() & -width) + width ? cuemu::lane() : from);
}
#define CUEMU_WARP_REDUCE(name, T, combine)                                                                           \
    static inline T name(unsigned mask, T v, CUEMU_LINE) {                                                            \
        unsigned arrived;                                                                                             \
        const uint64_t *slots = cuemu::meet(line, mask, (uint64_t)v, &arrived);                                       \
        bool first = true;                                                                                            \
        T a = v;                                                                                                      \
        for (int i = 0; i < 32; i++) {                                                                                \
            if (!(arrived >> i & 1)) continue;                                                                        \
            T b = (T)slots[i];                                                                                        \
            a = first ? b : (T)(combine);                                                                             \
            first = false;                                                                                            \
        }                                                                                                             \
        return a;                                                                                                     \
    }
CUEMU_WARP_REDUCE(__reduce_add_sync, unsigned, a + b)
CUEMU_WARP_REDUCE(__reduce_add_sync, int, a + b)
CUEMU_WARP_REDUCE(__reduce_min_sync, unsigned, a < b ? a : b)
CUEMU_WARP_REDUCE(__reduce_min_sync, int, a < b ? a : b)
CUEMU_WARP_REDUCE(__reduce_max_sync, unsigned, a > b ? a : b)
CUEMU_WARP_REDUCE(__reduce_max_sync, int, a > b ? a : b)
CUEMU_WARP_REDUCE(__reduce_or_sync, unsigned, a | b)
CUEMU_WARP_REDUCE(__reduce_and_sync, unsigned, a &b)
#undef CUEMU_WARP_REDUCE
#undef CUEMU_LINE

// 16 bytes from global to shared memory, on their way until the thread waits for them (cp.async).
namespace cuemu {
static inline void bring(void *to, const void *from, bool is_there) { host()->bring(cuemu_current, to, from, is_there); }
static inline void end_group() { host()->end_group(cuemu_current); }
static inline void arrived_but(int groups) { host()->arrived(cuemu_current, groups); }
static inline void arrived() { host()->arrived(cuemu_current, -1); }
}  // namespace cuemu

// Threads give up control only where they meet others and before these, so a plain read and write is atomic.
#define CUEMU_ATOMIC(name, combine)                                                                                   \
    template <class T> T name(T *p, typename cuemu_same<T>::type v) {                                                 \
        cuemu_current->host->yield(cuemu_current);                                                                    \
        T old = *p;                                                                                                   \
        *p = (T)(combine);                                                                                            \
        return old;                                                                                                   \
    }
template <class T> struct cuemu_same { typedef T type; };
CUEMU_ATOMIC(atomicAdd, old + v)
CUEMU_ATOMIC(atomicSub, old - v)
CUEMU_ATOMIC(atomicExch, v)
CUEMU_ATOMIC(atomicMin, v < old ? v : old)
CUEMU_ATOMIC(atomicMax, v > old ? v : old)
CUEMU_ATOMIC(atomicAnd, old & v)
CUEMU_ATOMIC(atomicOr, old | v)
CUEMU_ATOMIC(atomicXor, old ^ v)
CUEMU_ATOMIC(atomicInc, old >= v ? 0 : old + 1)
#undef CUEMU_ATOMIC
template <class T> T atomicCAS(T *p, typename cuemu_same<T>::type expected, typename cuemu_same<T>::type v) {
    cuemu_current->host->yield(cuemu_current);
    T old = *p;
    if (old == expected) *p = v;
    return old;
}

#include "cuemu_math.h"
