// The device, its context, the settings of the emulation.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulation.h"
#include "order.h"

void cuemu_drop_work();
int64_t cuemu_memory_used();
int64_t cuemu_memory_live();
int64_t cuemu_pinned_live();

namespace emu {

std::recursive_mutex lock;
Settings settings;
CUresult sticky;

namespace {
thread_local int current_device = -1;
int retained[16];

int64_t *setting(const char *name) {
    static const std::map<std::string, int64_t Settings::*> all = {
        {"lazy", &Settings::lazy}, {"order", &Settings::order}, {"memory", &Settings::memory}, {"arch", &Settings::arch},
        {"devices", &Settings::devices}, {"fail_alloc", &Settings::fail_alloc},
        {"fail_alloc_count", &Settings::fail_alloc_count}, {"fail_launch", &Settings::fail_launch},
        {"fail_compile", &Settings::fail_compile}, {"fail_room", &Settings::fail_room},
        {"fail_branches", &Settings::fail_branches}, {"fail_recording", &Settings::fail_recording},
        {"refuse_fused", &Settings::refuse_fused}, {"refuse_convolutions", &Settings::refuse_convolutions}, {"graph_width", &Settings::graph_width}, {"launches", &Settings::launches},
        {"allocations", &Settings::allocations}, {"copies", &Settings::copies},
        {"graph_launches", &Settings::graph_launches}, {"compilations", &Settings::compilations}};
    auto it = all.find(name);
    return it == all.end() ? nullptr : &(settings.*(it->second));
}

void from_environment() {
    for (const char *name : {"lazy", "memory", "arch", "devices"}) {
        std::string variable = "CUEMU_";
        for (const char *c = name; *c; c++) variable += (char)toupper(*c);
        if (const char *value = getenv(variable.c_str())) *setting(name) = atoll(value);
    }
    if (const char *value = getenv("CUEMU_ORDER")) settings.order = order_named(value);
    set_order(settings.order);
}
struct Start { Start() { from_environment(); } } start;
}  // namespace

void lose(CUresult error, const char *why) {
    if (!sticky) fprintf(stderr, "CUDA emulation: error %d: %s\n", error, why);
    if (!sticky) sticky = error;
}

}  // namespace emu

using namespace emu;

EXPORT int64_t cuemu_get(const char *name) {
    Guard g(lock);
    if (!strcmp(name, "live_bytes")) return cuemu_memory_used();
    if (!strcmp(name, "live_allocations")) return cuemu_memory_live();
    if (!strcmp(name, "live_pinned")) return cuemu_pinned_live();
    int64_t *value = setting(name);
    return value ? *value : -1;
}
EXPORT int cuemu_set(const char *name, int64_t value) {
    Guard g(lock);
    int64_t *place = setting(name);
    if (!place) return CUDA_ERROR_INVALID_VALUE;
    if (!strcmp(name, "lazy") && !sticky) run_all();
    *place = value;
    if (place == &settings.order) set_order(value);
    return CUDA_SUCCESS;
}
// What a real process cannot do: makes a lost device work again. Unfinished work is dropped; memory stays.
EXPORT void cuemu_reset(void) {
    Guard g(lock);
    sticky = CUDA_SUCCESS;
    cuemu_drop_work();
    settings = Settings();
    from_environment();
}
EXPORT int cuemu_sticky(void) { return sticky; }
EXPORT int cuemu_thread_has_context(void) { return current_device >= 0; }

EXPORT CUresult cuInit(unsigned) { return settings.devices > 0 ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE; }
EXPORT CUresult cuDriverGetVersion(int *v) {
    *v = 12060;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuDeviceGetCount(int *n) {
    *n = (int)settings.devices;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuDeviceGet(int *device, int ordinal) {
    if (ordinal < 0 || ordinal >= settings.devices) return CUDA_ERROR_INVALID_DEVICE;
    *device = ordinal;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuDeviceGetName(char *out, int size, int) {
    snprintf(out, (size_t)size, "Emulated device");
    return CUDA_SUCCESS;
}
EXPORT CUresult cuDeviceTotalMem_v2(size_t *bytes, int) {
    *bytes = (size_t)settings.memory;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuDeviceGetAttribute(int *out, int attribute, int) {
    switch (attribute) {
        case 1: *out = 1024; return CUDA_SUCCESS;                                // threads of a block
        case 8: *out = 48 << 10; return CUDA_SUCCESS;                            // shared memory of a block
        case 10: *out = 32; return CUDA_SUCCESS;                                 // warp
        case 16: *out = 2; return CUDA_SUCCESS;                                  // multiprocessors
        case 38: *out = 4 << 20; return CUDA_SUCCESS;                            // L2 cache
        case 39: *out = 2048; return CUDA_SUCCESS;                               // threads of a multiprocessor
        case 75: *out = (int)settings.arch / 10; return CUDA_SUCCESS;
        case 76: *out = (int)settings.arch % 10; return CUDA_SUCCESS;
        case 95: *out = 1; return CUDA_SUCCESS;                                  // blocks may wait for each other
        case 97: *out = 96 << 10; return CUDA_SUCCESS;                           // shared memory on request
        default: return CUDA_ERROR_INVALID_VALUE;
    }
}
EXPORT CUresult cuDevicePrimaryCtxRetain(void **context, int device) {
    Guard g(lock);
    if (device < 0 || device >= settings.devices) return CUDA_ERROR_INVALID_DEVICE;
    retained[device]++;
    *context = (void *)(intptr_t)(device + 1);
    return CUDA_SUCCESS;
}
EXPORT CUresult cuDevicePrimaryCtxRelease_v2(int device) {
    Guard g(lock);
    if (retained[device] == 0) return CUDA_ERROR_INVALID_CONTEXT;
    retained[device]--;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuCtxSetCurrent(void *context) {
    current_device = (int)(intptr_t)context - 1;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuCtxGetCurrent(void **context) {
    *context = (void *)(intptr_t)(current_device + 1);
    return CUDA_SUCCESS;
}
