// Where the blocks of a grid wait for each other. All of them run at once (a cooperative launch).
namespace cresset {

// On the emulation a thread that waits lets the others go on.
#ifdef __CUDA_EMULATION__
#define k_pause() __nanosleep(0)
#else
#define k_pause()
#endif

// Meets all blocks; what threads wrote before, all threads see after. @param arrived counts blocks, 0 when the kernel starts
// @param expected blocks times the meetings so far, this one among them
DEVICE void k_meet_grid(u32* arrived, u32 expected) {
    __syncthreads();
    if (threadIdx.x == 0) {
        __threadfence();
        atomicAdd(arrived, 1u);
        while (*(volatile u32*) arrived < expected) k_pause();
        __threadfence();
    }
    __syncthreads();
}

}  // namespace cresset
