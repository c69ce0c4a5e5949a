// Modules and launches. A "cubin" of the emulated NVRTC is a shared library behind a short head.
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../nvrtc/image.h"
#include "emulation.h"

namespace {
struct Module {
    void *library;
    int file;                    // open as long: dlopen takes a path with the same number for the same library
    std::map<std::string, std::unique_ptr<emu::Kernel>> kernels;
};
}  // namespace

using namespace emu;

EXPORT CUresult cuDeviceGetAttribute(int *out, int attribute, int);

EXPORT CUresult cuModuleLoadData(void **out, const void *image) {
    Guard g(lock);
    if (sticky) return sticky;
    if (!cuemu_thread_has_context()) return CUDA_ERROR_INVALID_CONTEXT;
    if (lacks_room()) return CUDA_ERROR_OUT_OF_MEMORY;
    const ImageHead *head = (const ImageHead *)image;
    if (memcmp(head->magic, IMAGE_MAGIC, sizeof head->magic)) return CUDA_ERROR_INVALID_IMAGE;
    if (head->arch != settings.arch) return CUDA_ERROR_NO_BINARY_FOR_GPU;
    int file = memfd_create("cuda-emulation-kernel", MFD_CLOEXEC);
    const char *bytes = (const char *)image + sizeof *head;
    for (size_t at = 0; at < head->bytes;) {
        ssize_t n = write(file, bytes + at, head->bytes - at);
        if (n <= 0) { close(file); return CUDA_ERROR_INVALID_IMAGE; }
        at += (size_t)n;
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), file);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) fprintf(stderr, "CUDA emulation: %s\n", dlerror());
    if (!library) close(file);
    if (!library) return CUDA_ERROR_INVALID_IMAGE;
    *out = new Module{library, file, {}};
    return CUDA_SUCCESS;
}
EXPORT CUresult cuModuleUnload(void *module) {
    Guard g(lock);
    if (!sticky) run_all();
    Module *m = (Module *)module;
    dlclose(m->library);
    close(m->file);
    delete m;
    return sticky;
}
EXPORT CUresult cuModuleGetFunction(void **out, void *module, const char *name) {
    Guard g(lock);
    if (sticky) return sticky;
    Module *m = (Module *)module;
    std::unique_ptr<Kernel> &kernel = m->kernels[name];
    if (!kernel) {
        auto entry = (void (*)(void **))dlsym(m->library, (std::string("cuemu_entry_") + name).c_str());
        auto sizes = (const size_t *(*)(size_t *))dlsym(m->library, (std::string("cuemu_sizes_") + name).c_str());
        if (!entry || !sizes) return CUDA_ERROR_NOT_FOUND;
        auto shared = (char *(*)(size_t *))dlsym(m->library, "cuemu_shared");
        size_t count, shared_bytes;
        const size_t *all = sizes(&count);
        char *memory = shared(&shared_bytes);
        kernel.reset(new Kernel{name, entry, std::vector<size_t>(all, all + count),
                                (cuemu_thread **)dlsym(m->library, "cuemu_current"), dlsym(m->library, "cuemu_meets") != nullptr,
                                memory, shared_bytes});
    }
    *out = kernel.get();
    return CUDA_SUCCESS;
}
EXPORT CUresult cuFuncSetAttribute(void *function, int attribute, int value) {
    Guard g(lock);
    if (sticky) return sticky;
    if (attribute == 8) {                                                        // dynamic shared memory, at most
        if (value > 96 << 10) return CUDA_ERROR_INVALID_VALUE;
        ((Kernel *)function)->max_dynamic_shared = value;
    }
    return CUDA_SUCCESS;
}
EXPORT CUresult cuFuncGetAttribute(int *out, int attribute, void *) {
    *out = attribute == 0 ? 1024 : 0;
    return sticky;
}
EXPORT CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *out, void *, int block, size_t) {
    *out = 2048 / (block > 0 ? block : 1);
    return sticky;
}

namespace {
// What a multiprocessor runs at once: so many threads, and blocks that share 100 KiB.
unsigned blocks_at_once(uint64_t threads, unsigned shared) {
    uint64_t by_threads = 2048 / threads, by_memory = (100 << 10) / (shared + 1024);
    return (unsigned)(by_threads < by_memory ? by_threads : by_memory);
}

CUresult launch(Kernel *k, cuemu_dim grid, cuemu_dim block, unsigned shared, void *stream, void **parameters, bool together) {
    if (sticky) return sticky;
    uint64_t threads = (uint64_t)block.x * block.y * block.z;
    bool sound = grid.x && grid.y && grid.z && threads > 0 && threads <= 1024 && block.z <= 64 && grid.y <= 65535 && grid.z <= 65535
        && grid.x <= 0x7fffffffu && shared <= k->max_dynamic_shared;
    if (!sound) return CUDA_ERROR_INVALID_VALUE;
    int multiprocessors = 0;
    cuDeviceGetAttribute(&multiprocessors, 16, 0);
    if (together && (uint64_t)grid.x * grid.y * grid.z > (uint64_t)multiprocessors * blocks_at_once(threads, shared))
        return CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE;
    settings.launches++;
    if (settings.fail_launch > 0 && --settings.fail_launch == 0)
        return submit(stream, [] { lose(CUDA_ERROR_ILLEGAL_ADDRESS, "a launch that was told to fail"); });
    auto values = std::make_shared<std::vector<std::vector<char>>>();            // parameters count as of now
    for (size_t i = 0; i < k->sizes.size(); i++) {
        const char *p = (const char *)parameters[i];
        values->emplace_back(p, p + k->sizes[i]);
    }
    return submit(stream, [=] {
        std::vector<void *> pointers;
        for (auto &v : *values) pointers.push_back(v.data());
        run_grid(*k, grid, block, shared, pointers.data(), together);
    });
}
}  // namespace

EXPORT CUresult cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                               unsigned shared, void *stream, void **parameters, void **extra) {
    Guard g(lock);
    if (extra) return CUDA_ERROR_INVALID_VALUE;
    return launch((Kernel *)function, {gx, gy, gz}, {bx, by, bz}, shared, stream, parameters, false);
}
EXPORT CUresult cuLaunchCooperativeKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                                          unsigned shared, void *stream, void **parameters) {
    Guard g(lock);
    return launch((Kernel *)function, {gx, gy, gz}, {bx, by, bz}, shared, stream, parameters, true);
}
