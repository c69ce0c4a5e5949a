package dev.cresset.kernels.cuda;

/** What memory of a device is for. */
enum MemoryUse {
    /** Tensors that live as long as a program or a plan; counted as tensors in use, too. */
    CONSTANTS,
    /** Constants in the order of a library. */
    PACKED,
    /** What runs of plans work in. */
    PLANS,
    /** What the driver has for recorded work. */
    RECORDED,
    /** Workspaces of libraries and reports of kernels that belong to a stream. */
    STREAMS
}
