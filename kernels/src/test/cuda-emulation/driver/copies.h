// Asynchronous copies of one thread (cp.async), each done as late as it may.
#pragma once
#include <stdint.h>
#include <string.h>

#include <cstddef>
#include <vector>

namespace emu {

class Copies {
  public:
    static constexpr size_t BYTES = 16;

    static bool can_be(const void *to, const void *from) { return ((uintptr_t)to | (uintptr_t)from) % BYTES == 0; }

    void bring(void *to, const void *from, bool is_there) {
        memset(to, 0xff, BYTES);
        all.push_back({to, is_there ? from : nullptr, ended});
    }
    void end_group() { ended++; }
    // Does what is in all groups but the last ones that ended, or everything if that is less than 0.
    void arrive(int but) {
        size_t n = 0;
        while (n < all.size() && (but < 0 || all[n].group + but < ended)) n++;
        for (size_t i = 0; i < n; i++) {
            if (all[i].from) memcpy(all[i].to, all[i].from, BYTES);
            else memset(all[i].to, 0, BYTES);
        }
        all.erase(all.begin(), all.begin() + (std::ptrdiff_t)n);
    }
    void drop() { all.clear(), ended = 0; }

  private:
    struct Copy {
        void *to;
        const void *from;        // null: zeros
        int64_t group;
    };
    std::vector<Copy> all;
    int64_t ended = 0;           // groups
};

}  // namespace emu
