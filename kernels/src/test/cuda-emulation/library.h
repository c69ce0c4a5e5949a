// What the emulated libraries share: elements of any type as double, and work on streams.
#pragma once
#include <stdint.h>
#include <stdlib.h>

#include <functional>

#include "include/cuemu_half.h"

#define EXPORT extern "C" __attribute__((visibility("default")))
extern "C" {
int cuemu_submit(void *stream, void (*run)(void *), void (*drop)(void *), void *data);
int cuemu_is_device(const void *p, size_t bytes);
int cuemu_thread_has_context(void);
int cuemu_sticky(void);
int cuemu_waits_for_context(void);
int64_t cuemu_get(const char *name);
int cuemu_set(const char *name, int64_t value);
}

// Submits a piece of work; it runs once, or with each launch of the graph it was captured into.
inline int submit(void *stream, std::function<void()> work) {
    auto *held = new std::function<void()>(std::move(work));
    return cuemu_submit(stream, [](void *p) { (*(std::function<void()> *)p)(); }, [](void *p) { delete (std::function<void()> *)p; }, held);
}

enum class Type { F32, F64, F16, BF16, I8, I32, NONE };
inline size_t size_of(Type t) {
    switch (t) {
        case Type::F64: return 8;
        case Type::F32: case Type::I32: return 4;
        case Type::F16: case Type::BF16: return 2;
        default: return 1;
    }
}
inline double load(const void *p, int64_t i, Type t) {
    switch (t) {
        case Type::F32: return ((const float *)p)[i];
        case Type::F64: return ((const double *)p)[i];
        case Type::F16: return cuemu::from_half_bits(((const uint16_t *)p)[i]);
        case Type::BF16: return cuemu::from_bfloat_bits(((const uint16_t *)p)[i]);
        case Type::I8: return ((const int8_t *)p)[i];
        default: return ((const int32_t *)p)[i];
    }
}
inline void store(void *p, int64_t i, Type t, double v) {
    switch (t) {
        case Type::F32: ((float *)p)[i] = (float)v; break;
        case Type::F64: ((double *)p)[i] = v; break;
        case Type::F16: ((uint16_t *)p)[i] = cuemu::to_half_bits(cuemu::to_odd(v)); break;
        case Type::BF16: ((uint16_t *)p)[i] = cuemu::to_bfloat_bits(cuemu::to_odd(v)); break;
        case Type::I8: ((int8_t *)p)[i] = (int8_t)v; break;
        default: ((int32_t *)p)[i] = (int32_t)v; break;
    }
}
// TF32 keeps ten bits of the fraction.
inline double rounded(double v, bool tf32) {
    if (!tf32) return v;
    uint32_t u = cuemu::bits_of((float)v);
    if ((u & 0x7f800000) == 0x7f800000) return v;
    return cuemu::float_of((u + 0xfff + (u >> 13 & 1)) & 0xffffe000);
}
// A factor passed by pointer: double for tensors of double, otherwise float.
inline double scalar(const void *p, Type t) { return t == Type::F64 ? *(const double *)p : *(const float *)p; }
