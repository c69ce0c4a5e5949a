// Streams, events, copies.
#include <string.h>
#include <unordered_set>

#include "emulation.h"

namespace emu {
namespace {

struct Event {
    std::shared_ptr<Stream> stream;           // where it was recorded, null before
    uint64_t position = 0;
    Capture *capture = nullptr;               // in which it was recorded
    std::set<Node *> ends;                    // what its stream had come to there
};

std::map<Stream *, std::shared_ptr<Stream>> streams;
std::unordered_set<Event *> events;
std::vector<std::unique_ptr<Capture>> captures;
std::shared_ptr<Stream> &null_stream() {
    static std::shared_ptr<Stream> s = std::make_shared<Stream>();
    return s;
}
std::shared_ptr<Stream> shared_of(void *handle) {
    if (handle == nullptr) return null_stream();
    auto it = streams.find((Stream *)handle);
    return it == streams.end() ? nullptr : it->second;
}
void enqueue(Stream *s, Work work) {
    s->queue.push_back(std::move(work));
    s->submitted++;
    if (!settings.lazy) run_until(s, s->submitted);
}

}  // namespace

Stream *stream_of(void *handle) { return shared_of(handle).get(); }

void run_until(Stream *s, uint64_t count) {
    while (s->done < count && s->next < s->queue.size()) {
        Work work = std::move(s->queue[s->next++]);
        s->done++;
        if (!sticky) work();
        if (s->next == s->queue.size()) s->queue.clear(), s->next = 0;
    }
}

void run_all() {
    // In the lazy mode the streams made last run first: whoever forgot to wait for an earlier one shows it.
    run_until(null_stream().get(), null_stream()->submitted);
    for (auto it = streams.rbegin(); it != streams.rend(); ++it) run_until(it->first, it->second->submitted);
    check_red_zones();
}

CUresult submit(void *handle, Work work) {
    if (sticky) return sticky;
    Stream *s = stream_of(handle);
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    if (!s->capture) {
        enqueue(s, std::move(work));
        return CUDA_SUCCESS;
    }
    if (s->capture->invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    s->capture->add(s, std::move(work));
    return CUDA_SUCCESS;
}

CUresult forbid_in_capture(Stream *of_stream) {
    for (auto &c : captures) {
        bool here = c->mode == 0 || (c->mode == 1 && c->thread == std::this_thread::get_id());
        bool concerned = of_stream ? of_stream->capture == c.get() : here;
        if (!concerned) continue;
        c->invalid = true;
        return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    }
    return CUDA_SUCCESS;
}

}  // namespace emu

using namespace emu;

void cuemu_drop_work() {
    for (auto &[s, shared] : streams) s->queue.clear(), s->next = 0, s->done = s->submitted, s->capture = nullptr;
    Stream *n = null_stream().get();
    n->queue.clear(), n->next = 0, n->done = n->submitted;
    captures.clear();
}

EXPORT int cuemu_submit(void *stream, void (*run)(void *), void (*drop)(void *), void *data) {
    Guard g(lock);
    std::shared_ptr<void> owned(data, drop);
    return submit(stream, [run, owned] { guarded([&] { run(owned.get()); }); });
}
EXPORT int cuemu_spoils_capture(void *stream) {
    Guard g(lock);
    Stream *s = stream_of(stream);
    return s && s->capture ? forbid_in_capture(s) : 0;
}
EXPORT int cuemu_waits_for_context(void) {
    Guard g(lock);
    for (auto &c : captures) c->invalid = true;
    return captures.empty() ? 0 : CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}
EXPORT int cuemu_is_capturing(void *stream) {
    Guard g(lock);
    Stream *s = stream_of(stream);
    return s && s->capture;
}

EXPORT CUresult cuStreamCreate(void **out, unsigned) {
    Guard g(lock);
    if (sticky) return sticky;
    auto s = std::make_shared<Stream>();
    streams[s.get()] = s;
    *out = s.get();
    return CUDA_SUCCESS;
}
EXPORT CUresult cuStreamCreateWithPriority(void **out, unsigned flags, int) { return cuStreamCreate(out, flags); }
EXPORT CUresult cuStreamDestroy_v2(void *handle) {
    Guard g(lock);
    auto s = shared_of(handle);
    if (!s || !handle) return CUDA_ERROR_INVALID_HANDLE;
    run_until(s.get(), s->submitted);
    s->destroyed = true;
    streams.erase(s.get());
    return sticky;
}
EXPORT CUresult cuStreamSynchronize(void *handle) {
    Guard g(lock);
    if (sticky) return sticky;
    Stream *s = stream_of(handle);
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult e = forbid_in_capture(s)) return e;
    run_until(s, s->submitted);
    check_red_zones();
    return sticky;
}
EXPORT CUresult cuStreamQuery(void *handle) {
    Guard g(lock);
    if (sticky) return sticky;
    Stream *s = stream_of(handle);
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult e = forbid_in_capture(s)) return e;
    return s->done == s->submitted ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}
EXPORT CUresult cuStreamWaitEvent(void *handle, void *event, unsigned) {
    Guard g(lock);
    if (sticky) return sticky;
    Stream *s = stream_of(handle);
    Event *e = (Event *)event;
    if (!s || !events.count(e)) return CUDA_ERROR_INVALID_HANDLE;
    if (!e->stream) return CUDA_SUCCESS;
    if (e->capture) {                         // joins, or goes on with, a capture
        if (s->capture && s->capture != e->capture) {
            s->capture->invalid = e->capture->invalid = true;
            return CUDA_ERROR_STREAM_CAPTURE_MERGE;
        }
        s->capture = e->capture;
        s->capture->ends[s].insert(e->ends.begin(), e->ends.end());
        return CUDA_SUCCESS;
    }
    if (s->capture) {                         // what is captured cannot depend on what is not
        s->capture->invalid = true;
        return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
    }
    auto from = e->stream;
    uint64_t position = e->position;
    enqueue(s, [from, position] { run_until(from.get(), position); });
    return CUDA_SUCCESS;
}
EXPORT CUresult cuStreamBeginCapture_v2(void *handle, int mode) {
    Guard g(lock);
    if (sticky) return sticky;
    Stream *s = stream_of(handle);
    if (!s || !handle) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (s->capture) return CUDA_ERROR_INVALID_VALUE;
    captures.push_back(std::make_unique<Capture>());
    s->capture = captures.back().get();
    s->capture->origin = s;
    s->capture->mode = mode;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuStreamEndCapture(void *handle, void **graph) {
    Guard g(lock);
    *graph = nullptr;
    if (sticky) return sticky;
    Stream *s = stream_of(handle);
    if (!s || !s->capture) return CUDA_ERROR_INVALID_VALUE;
    Capture *c = s->capture;
    if (c->origin != s) return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
    if (c->mode != 2 && c->thread != std::this_thread::get_id()) return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
    if (settings.fail_recording > 0 && settings.fail_recording--) c->invalid = true;
    CUresult result = c->invalid ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED : CUDA_SUCCESS;
    if (!result && !c->is_joined()) result = CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
    if (!result) *graph = c->graph.release();
    for (auto &[member, shared] : streams) if (member->capture == c) member->capture = nullptr;
    for (Event *e : events) if (e->capture == c) e->capture = nullptr, e->stream = nullptr;
    for (auto it = captures.begin(); it != captures.end(); ++it)
        if (it->get() == c) { captures.erase(it); break; }
    return result;
}
EXPORT CUresult cuStreamIsCapturing(void *handle, int *out) {
    Guard g(lock);
    Stream *s = stream_of(handle);
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    *out = !s->capture ? 0 : s->capture->invalid ? 2 : 1;
    return sticky;
}

EXPORT CUresult cuEventCreate(void **out, unsigned) {
    Guard g(lock);
    if (sticky) return sticky;
    Event *e = new Event;
    events.insert(e);
    *out = e;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuEventDestroy_v2(void *event) {
    Guard g(lock);
    if (!events.erase((Event *)event)) return CUDA_ERROR_INVALID_HANDLE;
    delete (Event *)event;
    return sticky;
}
EXPORT CUresult cuEventRecord(void *event, void *handle) {
    Guard g(lock);
    if (sticky) return sticky;
    Event *e = (Event *)event;
    auto s = shared_of(handle);
    if (!s || !events.count(e)) return CUDA_ERROR_INVALID_HANDLE;
    e->stream = s;
    e->capture = s->capture;
    if (s->capture) e->ends = s->capture->ends[s.get()];
    else e->position = s->submitted;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuEventQuery(void *event) {
    Guard g(lock);
    if (sticky) return sticky;
    Event *e = (Event *)event;
    if (!events.count(e)) return CUDA_ERROR_INVALID_HANDLE;
    if (e->capture) return forbid_in_capture(e->capture->origin);
    return !e->stream || e->stream->done >= e->position ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}
EXPORT CUresult cuEventSynchronize(void *event) {
    Guard g(lock);
    if (sticky) return sticky;
    Event *e = (Event *)event;
    if (!events.count(e)) return CUDA_ERROR_INVALID_HANDLE;
    if (e->capture) return forbid_in_capture(e->capture->origin);
    if (e->stream) run_until(e->stream.get(), e->position);
    check_red_zones();
    return sticky;
}
EXPORT CUresult cuEventElapsedTime(float *ms, void *, void *) {
    *ms = 0.001f;                             // nothing here has a speed
    return sticky;
}

namespace {
// A copy that is asynchronous where the host's memory is pinned; otherwise it waits, as the driver does.
CUresult copy(void *to, const void *from, size_t bytes, void *stream, bool pageable) {
    settings.copies++;
    Stream *s = stream_of(stream);
    if (pageable && s && s->capture) return forbid_in_capture(s);
    CUresult e = submit(stream, [=] { guarded([=] { memcpy(to, from, bytes); }); });
    if (e == CUDA_SUCCESS && pageable) run_until(s, s->submitted);
    return e;
}
}  // namespace

EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, void *stream) {
    Guard g(lock);
    if (sticky) return sticky;
    if (!is_device(to, bytes) || is_device((CUdeviceptr)from, 1)) return CUDA_ERROR_INVALID_VALUE;
    return copy((void *)to, from, bytes, stream, !is_pinned(from, bytes));
}
EXPORT CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, void *stream) {
    Guard g(lock);
    if (sticky) return sticky;
    if (!is_device(from, bytes) || is_device((CUdeviceptr)to, 1)) return CUDA_ERROR_INVALID_VALUE;
    return copy(to, (const void *)from, bytes, stream, !is_pinned(to, bytes));
}
EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, void *stream) {
    Guard g(lock);
    if (sticky) return sticky;
    if (!is_device(to, bytes) || !is_device(from, bytes)) return CUDA_ERROR_INVALID_VALUE;
    return copy((void *)to, (const void *)from, bytes, stream, false);
}
EXPORT CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t n, void *stream) {
    Guard g(lock);
    if (sticky) return sticky;
    if (!is_device(to, n)) return CUDA_ERROR_INVALID_VALUE;
    return submit(stream, [=] { guarded([=] { memset((void *)to, value, n); }); });
}
EXPORT CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t n, void *stream) {
    Guard g(lock);
    if (sticky) return sticky;
    if (!is_device(to, n * 4) || to % 4) return CUDA_ERROR_INVALID_VALUE;
    return submit(stream, [=] { guarded([=] { for (size_t i = 0; i < n; i++) ((unsigned *)to)[i] = value; }); });
}
EXPORT CUresult cuCtxSynchronize(void) {
    Guard g(lock);
    if (sticky) return sticky;
    if (CUresult e = cuemu_waits_for_context()) return e;     // whichever thread records: all streams are waited for
    run_all();
    return sticky;
}
