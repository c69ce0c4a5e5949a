// The inside of the emulated driver. One lock guards everything: work of all streams runs one piece at a time, in the
// thread that submits it or, in the lazy mode, that waits for it.
#pragma once
#include <stdint.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "../include/cuemu_abi.h"

typedef int CUresult;
typedef uint64_t CUdeviceptr;

enum {
    CUDA_SUCCESS = 0, CUDA_ERROR_INVALID_VALUE = 1, CUDA_ERROR_OUT_OF_MEMORY = 2, CUDA_ERROR_NO_DEVICE = 100,
    CUDA_ERROR_INVALID_DEVICE = 101, CUDA_ERROR_INVALID_IMAGE = 200, CUDA_ERROR_INVALID_CONTEXT = 201,
    CUDA_ERROR_NO_BINARY_FOR_GPU = 209, CUDA_ERROR_INVALID_HANDLE = 400, CUDA_ERROR_ILLEGAL_STATE = 401, CUDA_ERROR_NOT_FOUND = 500,
    CUDA_ERROR_NOT_READY = 600, CUDA_ERROR_ILLEGAL_ADDRESS = 700, CUDA_ERROR_LAUNCH_FAILED = 719,
    CUDA_ERROR_MISALIGNED_ADDRESS = 716, CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE = 720, CUDA_ERROR_NOT_SUPPORTED = 801,
    CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED = 900, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED = 901,
    CUDA_ERROR_STREAM_CAPTURE_MERGE = 902, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED = 903, CUDA_ERROR_STREAM_CAPTURE_UNJOINED = 904,
    CUDA_ERROR_STREAM_CAPTURE_ISOLATION = 905, CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD = 908,
};

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace emu {

extern std::recursive_mutex lock;
typedef std::lock_guard<std::recursive_mutex> Guard;

// What can be set by the environment (CUEMU_NAME in capitals) or by cuemu_set, and what is counted.
struct Settings {
    int64_t lazy = 0;            // streams run as late as they may, so that missing synchronisation shows
    int64_t order = 0;           // of threads and blocks: 0 ascending, -1 descending, another number: random and beginning with it, see
                                 // order.h; CUEMU_ORDER is ascending, descending or random:SEED
    int64_t memory = 4LL << 30;  // bytes a device has
    int64_t arch = 80;           // compute capability, times ten
    int64_t devices = 1;
    int64_t fail_alloc = 0;      // so many allocations from now, one fails …
    int64_t fail_alloc_count = 1;// … and with it so many in all
    int64_t fail_launch = 0;     // so many launches from now, one reads what it must not
    int64_t fail_compile = 0;    // so many compilations fail
    int64_t fail_room = 0;       // for so many modules or graphs there is no memory
    int64_t fail_branches = 0;   // so often a stream that is captured refuses to come after other nodes than its last
    int64_t fail_recording = 0;  // so many recordings are spoilt by something else
    int64_t refuse_fused = 0;    // 1: convolutions do nothing else together
    int64_t refuse_convolutions = 0;   // so many fail, whatever was said before
    int64_t graph_width = 0;     // most nodes of a graph that could run at once
    int64_t launches = 0, allocations = 0, copies = 0, graph_launches = 0, compilations = 0;   // counted
};
extern Settings settings;

// The error that every call reports from now on, 0 while all is well.
extern CUresult sticky;
void lose(CUresult error, const char *why);

// A piece of work of a stream. Captured work runs again with each launch of the graph.
typedef std::function<void()> Work;

struct Capture;
struct Stream {
    std::vector<Work> queue;
    size_t next = 0;             // the first piece in the queue that has not run
    uint64_t submitted = 0, done = 0;
    Capture *capture = nullptr;
    bool destroyed = false;
};
// A piece of work of a graph.
struct Node {
    Work work;
    std::set<Node *> after;      // what must have run
    size_t position;             // when it was recorded
};
struct Graph { std::vector<std::unique_ptr<Node>> nodes; };
struct Capture {
    Stream *origin;
    bool invalid = false;
    int mode = 0;                // 0: global, 1: concerns calls of the thread that began it, 2: relaxed
    std::thread::id thread = std::this_thread::get_id();
    std::unique_ptr<Graph> graph = std::make_unique<Graph>();
    std::map<Stream *, std::set<Node *>> ends;   // what the next node of each stream comes after

    void add(Stream *stream, Work work);
    // False if work of another stream is not waited for.
    bool is_joined();
};

Stream *stream_of(void *handle);
// Puts work on a stream, or into the graph being captured from it.
CUresult submit(void *stream, Work work);
void run_until(Stream *stream, uint64_t count);
void run_all();
// True if a call that is no allocation is to find no memory.
bool lacks_room();
// Refuses a call that must not be made while a graph is captured; such a call spoils the capture.
CUresult forbid_in_capture(Stream *of_stream);

// Runs code that may touch memory it must not; such an access ends it and loses the device.
void guarded(const std::function<void()> &body);

// True if the bytes lie in one allocation of device memory.
bool is_device(CUdeviceptr p, size_t bytes);
bool is_pinned(const void *p, size_t bytes);
// Looks for writes just past the end of allocations.
void check_red_zones();

struct Kernel {
    std::string name;
    void (*entry)(void **);
    std::vector<size_t> sizes;   // of the parameters
    cuemu_thread **current;
    bool meets;                  // its threads may wait for each other
    char *shared;                // static shared memory of its module …
    size_t shared_bytes;         // … and how much that is
    int64_t max_dynamic_shared = 48 << 10;
};
// @param together whether all blocks run at once, and may wait for each other
void run_grid(const Kernel &kernel, cuemu_dim grid, cuemu_dim block, size_t shared, void **parameters, bool together);

}  // namespace emu

// For the emulated libraries on top of the driver.
EXPORT int cuemu_submit(void *stream, void (*run)(void *), void (*drop)(void *), void *data);
EXPORT int cuemu_is_device(const void *p, size_t bytes);
EXPORT int64_t cuemu_get(const char *name);
EXPORT int cuemu_set(const char *name, int64_t value);
EXPORT void cuemu_reset(void);
// Frees all memory: what a lost device leaves goes with its process, and a test goes on.
EXPORT void cuemu_forget(void);
EXPORT int cuemu_sticky(void);
EXPORT int cuemu_thread_has_context(void);
EXPORT int cuemu_spoils_capture(void *stream);
// To be called by what waits for all streams: fails, and spoils all that is captured, if anything is.
EXPORT int cuemu_waits_for_context(void);
EXPORT int cuemu_is_capturing(void *stream);
