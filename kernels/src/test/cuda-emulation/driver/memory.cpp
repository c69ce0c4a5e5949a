// Device memory: each allocation lies between pages that cannot be touched, its end as near to the next one as an
// alignment of 16 allows; those that come by the size classes of an allocator begin at multiples of 256, as the driver's do. Fresh
// memory is full of ones, which is NaN in every float type.
#include <signal.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "emulation.h"

namespace emu {
namespace {

constexpr size_t PAGE = 4096, CLASSES = 64;
constexpr unsigned char FRESH = 0xff, RED = 0xa5;

struct Allocation {
    size_t bytes, mapped;
    char *base;
};
std::map<CUdeviceptr, Allocation> device;
std::map<uintptr_t, size_t> pinned;
int64_t used;

struct sigaction former_segv, former_bus, former_ill;
thread_local sigjmp_buf *escape;
thread_local void *fault_address;
thread_local int fault;

void on_fault(int number, siginfo_t *info, void *context) {
    if (escape) {
        fault_address = info->si_addr;
        fault = number;
        siglongjmp(*escape, 1);
    }
    struct sigaction &former = number == SIGSEGV ? former_segv : number == SIGBUS ? former_bus : former_ill;
    if (former.sa_flags & SA_SIGINFO) former.sa_sigaction(number, info, context);
    else if (former.sa_handler != SIG_DFL && former.sa_handler != SIG_IGN) former.sa_handler(number);
    else {
        signal(number, SIG_DFL);
        raise(number);
    }
}

// In front of the handler that is there: a JVM's, which has uses of its own for these signals.
void install(int number, struct sigaction &former) {
    sigaction(number, nullptr, &former);
    struct sigaction ours = former;
    ours.sa_flags |= SA_SIGINFO | SA_ONSTACK;
    ours.sa_sigaction = on_fault;
    sigaction(number, &ours, nullptr);
}

bool in_order(const Allocation &a, CUdeviceptr p) {
    char *end = a.base + a.mapped - PAGE;
    for (char *c = (char *)p + a.bytes; c < end; c++) if (*(unsigned char *)c != RED) return false;
    return true;
}

}  // namespace

void guarded(const std::function<void()> &body) {
    static bool installed = (install(SIGSEGV, former_segv), install(SIGBUS, former_bus), install(SIGILL, former_ill), true);
    (void)installed;
    sigjmp_buf here;
    sigjmp_buf *outer = escape;
    if (sigsetjmp(here, 1) == 0) {
        escape = &here;
        body();
        escape = outer;
    } else {
        escape = outer;
        // kernels are compiled so that an address which is not aligned as its type asks for is such an instruction
        if (fault == SIGILL) return lose(CUDA_ERROR_MISALIGNED_ADDRESS, "an access that is not aligned");
        char why[64];
        snprintf(why, sizeof why, "an access to %p, which is no memory of the device", fault_address);
        lose(CUDA_ERROR_ILLEGAL_ADDRESS, why);
    }
}

bool is_device(CUdeviceptr p, size_t bytes) {
    auto it = device.upper_bound(p);
    if (it == device.begin()) return false;
    --it;
    return p + bytes <= it->first + it->second.bytes;
}

bool is_pinned(const void *p, size_t bytes) {
    auto it = pinned.upper_bound((uintptr_t)p);
    if (it == pinned.begin()) return false;
    --it;
    return (uintptr_t)p + bytes <= it->first + it->second;
}

void check_red_zones() {
    for (auto &[p, a] : device)
        if (!in_order(a, p)) lose(CUDA_ERROR_ILLEGAL_ADDRESS, "a write past the end of an allocation");
}

bool lacks_room() {
    if (settings.fail_room <= 0) return false;
    settings.fail_room--;
    return true;
}

}  // namespace emu

using namespace emu;

EXPORT int cuemu_is_device(const void *p, size_t bytes) {
    Guard g(lock);
    return is_device((CUdeviceptr)p, bytes);
}

int64_t cuemu_memory_used() { return used; }
int64_t cuemu_memory_live() { return (int64_t)device.size(); }
int64_t cuemu_pinned_live() { return (int64_t)pinned.size(); }

EXPORT void cuemu_forget(void) {
    Guard g(lock);
    for (auto &[p, a] : device) munmap(a.base, a.mapped);
    for (auto &[p, bytes] : pinned) free((void *)p);
    device.clear();
    pinned.clear();
    used = 0;
}

EXPORT CUresult cuMemAlloc_v2(CUdeviceptr *out, size_t bytes) {
    Guard g(lock);
    if (sticky) return sticky;
    if (CUresult e = forbid_in_capture(nullptr)) return e;
    if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    settings.allocations++;
    if (settings.fail_alloc > 0 && --settings.fail_alloc == 0) {
        if (--settings.fail_alloc_count > 0) settings.fail_alloc = 1;
        else settings.fail_alloc_count = 1;
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    if (used + (int64_t)bytes > settings.memory) return CUDA_ERROR_OUT_OF_MEMORY;
    size_t mapped = (bytes + PAGE - 1) / PAGE * PAGE + 2 * PAGE;
    char *base = (char *)mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return CUDA_ERROR_OUT_OF_MEMORY;
    mprotect(base, PAGE, PROT_NONE);
    mprotect(base + mapped - PAGE, PAGE, PROT_NONE);
    size_t alignment = bytes % CLASSES ? 16 : 256;
    char *end = base + mapped - PAGE, *p = end - (bytes + alignment - 1) / alignment * alignment;
    memset(p, FRESH, bytes);
    memset(p + bytes, RED, end - p - bytes);
    device[(CUdeviceptr)p] = {bytes, mapped, base};
    used += (int64_t)bytes;
    *out = (CUdeviceptr)p;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuMemFree_v2(CUdeviceptr p) {
    Guard g(lock);
    if (p == 0) return sticky;
    if (!sticky) {
        if (CUresult e = forbid_in_capture(nullptr)) return e;
        run_all();
    }
    auto it = device.find(p);
    if (it == device.end()) return CUDA_ERROR_INVALID_VALUE;
    if (!in_order(it->second, p)) lose(CUDA_ERROR_ILLEGAL_ADDRESS, "a write past the end of an allocation");
    munmap(it->second.base, it->second.mapped);
    used -= (int64_t)it->second.bytes;
    device.erase(it);
    return sticky;
}

EXPORT CUresult cuMemGetInfo_v2(size_t *free, size_t *total) {
    Guard g(lock);
    if (sticky) return sticky;
    *total = (size_t)settings.memory;
    *free = (size_t)(settings.memory - used);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuMemHostAlloc(void **out, size_t bytes, unsigned) {
    Guard g(lock);
    if (sticky) return sticky;
    if (CUresult e = forbid_in_capture(nullptr)) return e;
    void *p = nullptr;
    if (bytes == 0 || posix_memalign(&p, PAGE, bytes)) return bytes ? CUDA_ERROR_OUT_OF_MEMORY : CUDA_ERROR_INVALID_VALUE;
    memset(p, FRESH, bytes);
    pinned[(uintptr_t)p] = bytes;
    *out = p;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuMemFreeHost(void *p) {
    Guard g(lock);
    if (!sticky) {
        if (CUresult e = forbid_in_capture(nullptr)) return e;
        run_all();
    }
    if (!pinned.erase((uintptr_t)p)) return CUDA_ERROR_INVALID_VALUE;
    free(p);
    return sticky;
}
