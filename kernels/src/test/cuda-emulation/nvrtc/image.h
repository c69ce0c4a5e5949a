// What the emulated NVRTC gives for a cubin: this head, then a shared library.
#pragma once
#include <stdint.h>

#define IMAGE_MAGIC "CUEMU01"
struct ImageHead {
    char magic[8];
    int64_t arch;
    uint64_t bytes;
};
