// The descriptors and the handle of the emulated cuDNN.
#pragma once
#include <string.h>

#include <vector>

#include "../library.h"

enum {
    CUDNN_SUCCESS = 0, CUDNN_NOT_INITIALIZED = 1001, CUDNN_BAD_PARAM = 2000, CUDNN_MISALIGNED_POINTER = 2003, CUDNN_SIZE_INSUFFICIENT = 2006,
    CUDNN_SHAPE_MISMATCH = 2008, CUDNN_NOT_SUPPORTED = 3000, CUDNN_EXECUTION_FAILED = 5000,
};

struct Handle { void *stream; };

struct Tensor {
    Type type = Type::NONE;
    std::vector<int64_t> sizes, strides;
    int64_t count() const {
        int64_t n = 1;
        for (int64_t s : sizes) n *= s;
        return n;
    }
    // Where the element of a number, counted in row-major order, lies.
    int64_t offset(int64_t index) const {
        int64_t at = 0;
        for (size_t d = sizes.size(); d-- > 0;) at += index % sizes[d] * strides[d], index /= sizes[d];
        return at;
    }
};
struct Filter : Tensor {};
struct Convolution {
    std::vector<int> padding, stride, dilation;
    int groups = 1, math = 0;
    Type compute = Type::F32;
    // Whether it may multiply floats as TF32: cuDNN's default.
    bool tf32(Type t) const { return t == Type::F32 && math == 0; }
};
struct Pooling {
    int mode = 0;
    std::vector<int> window, padding, stride;
};
struct Dropout {};
struct Activation {
    int mode = 0, nan = 0;
    double coefficient = 0;
};
struct Rnn {
    int cell, bias, directions, input, hidden, projection, layers;
    Type type;
    bool persistent, padded, tf32;
    int gates() const { return cell == 2 ? 4 : cell == 3 ? 3 : 1; }
};
struct RnnData {
    Type type;
    int layout, longest, batch, vector;
    std::vector<int> lengths;
};

inline Type dnn_type(int t) {
    switch (t) {
        case 0: return Type::F32;
        case 1: return Type::F64;
        case 2: return Type::F16;
        case 9: return Type::BF16;
        default: return Type::NONE;
    }
}
inline int on_stream(void *handle, std::function<void()> work) {
    return submit(((Handle *)handle)->stream, std::move(work)) ? CUDNN_EXECUTION_FAILED : CUDNN_SUCCESS;
}
