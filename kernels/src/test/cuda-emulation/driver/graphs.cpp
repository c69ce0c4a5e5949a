// What is recorded of streams, and its replay. A launch runs the nodes in an order that respects what they come after, and
// nothing else: as far from the order they were recorded in as possible, so that a dependency that is missing shows.
#include <algorithm>

#include "emulation.h"

namespace emu {
namespace {

struct GraphExec {
    std::vector<std::vector<Work>> orders;   // in turn
    size_t launches = 0;
};
struct Order {
    std::vector<Node *> nodes;
    size_t width = 0;                        // most nodes that were ready at once
};

// In waves: all nodes that are ready, the last recorded first, before any that becomes ready by them; or each time the last
// recorded of those that are ready, so that a branch runs to its end before an earlier one begins.
Order order_of(const Graph &graph, bool in_waves) {
    Order out;
    std::map<Node *, size_t> missing;
    std::map<Node *, std::vector<Node *>> followers;
    std::vector<Node *> ready;
    for (auto &n : graph.nodes) {
        missing[n.get()] = n->after.size();
        for (Node *before : n->after) followers[before].push_back(n.get());
        if (n->after.empty()) ready.push_back(n.get());
    }
    auto earlier = [](Node *a, Node *b) { return a->position < b->position; };
    while (!ready.empty()) {
        out.width = std::max(out.width, ready.size());
        std::sort(ready.begin(), ready.end(), earlier);
        std::vector<Node *> now;
        if (in_waves) now.swap(ready);
        else now.push_back(ready.back()), ready.pop_back();
        for (auto it = now.rbegin(); it != now.rend(); ++it) {
            out.nodes.push_back(*it);
            for (Node *f : followers[*it]) if (--missing[f] == 0) ready.push_back(f);
        }
    }
    return out;
}

bool comes_before(Node *node, const std::set<Node *> &ends, std::set<Node *> &seen) {
    for (Node *e : ends)
        if (e == node || (e->position > node->position && seen.insert(e).second && comes_before(node, e->after, seen))) return true;
    return false;
}

}  // namespace

void Capture::add(Stream *stream, Work work) {
    std::set<Node *> &end = ends[stream];
    graph->nodes.push_back(std::make_unique<Node>(Node{std::move(work), std::move(end), graph->nodes.size()}));
    end = {graph->nodes.back().get()};
}

bool Capture::is_joined() {
    for (auto &[member, nodes] : ends)
        for (Node *n : nodes) {
            std::set<Node *> seen;
            if (member != origin && !comes_before(n, ends[origin], seen)) return false;
        }
    return true;
}

}  // namespace emu

using namespace emu;

EXPORT CUresult cuStreamGetCaptureInfo_v2(void *handle, int *status, uint64_t *, void **, Node *const **nodes, size_t *count) {
    Guard g(lock);
    if (sticky) return sticky;
    Stream *s = stream_of(handle);
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    *status = !s->capture ? 0 : s->capture->invalid ? 2 : 1;
    if (*status != 1) return CUDA_SUCCESS;
    static std::vector<Node *> answer;       // as long as nothing else is asked
    answer.assign(s->capture->ends[s].begin(), s->capture->ends[s].end());
    *nodes = answer.data();
    *count = answer.size();
    return CUDA_SUCCESS;
}
EXPORT CUresult cuStreamUpdateCaptureDependencies(void *handle, Node **nodes, size_t count, unsigned flags) {
    Guard g(lock);
    if (sticky) return sticky;
    if (settings.fail_branches > 0 && settings.fail_branches--) return CUDA_ERROR_NOT_SUPPORTED;
    Stream *s = stream_of(handle);
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    if (!s->capture) return CUDA_ERROR_ILLEGAL_STATE;
    if (s->capture->invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    auto &known = s->capture->graph->nodes;
    for (size_t i = 0; i < count; i++)
        if (std::none_of(known.begin(), known.end(), [&](auto &n) { return n.get() == nodes[i]; })) return CUDA_ERROR_INVALID_VALUE;
    std::set<Node *> &end = s->capture->ends[s];
    if (flags == 1) end.clear();
    end.insert(nodes, nodes + count);
    return CUDA_SUCCESS;
}
EXPORT CUresult cuGraphInstantiateWithFlags(void **out, void *graph, unsigned long long) {
    Guard g(lock);
    if (sticky) return sticky;
    if (lacks_room()) return CUDA_ERROR_OUT_OF_MEMORY;
    GraphExec *exec = new GraphExec;
    for (bool in_waves : {false, true}) {
        Order order = order_of(*(Graph *)graph, in_waves);
        exec->orders.emplace_back();
        for (Node *n : order.nodes) exec->orders.back().push_back(n->work);
        if (in_waves) settings.graph_width = std::max(settings.graph_width, (int64_t)order.width);
    }
    *out = exec;
    return CUDA_SUCCESS;
}
EXPORT CUresult cuGraphGetNodes(void *graph, void **, size_t *count) {
    Guard g(lock);
    *count = ((Graph *)graph)->nodes.size();
    return sticky;
}
EXPORT CUresult cuGraphDestroy(void *graph) {
    Guard g(lock);
    delete (Graph *)graph;
    return sticky;
}
EXPORT CUresult cuGraphExecDestroy(void *exec) {
    Guard g(lock);
    run_all();
    delete (GraphExec *)exec;
    return sticky;
}
EXPORT CUresult cuGraphUpload(void *, void *) { return sticky; }
EXPORT CUresult cuGraphLaunch(void *exec, void *stream) {
    Guard g(lock);
    settings.graph_launches++;
    GraphExec *e = (GraphExec *)exec;
    std::vector<Work> *order = &e->orders[e->launches++ % e->orders.size()];
    return submit(stream, [order] { for (Work &w : *order) if (!sticky) w(); });
}
