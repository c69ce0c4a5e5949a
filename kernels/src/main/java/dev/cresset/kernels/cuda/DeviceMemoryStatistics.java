package dev.cresset.kernels.cuda;

/**
 * Memory of a device, in bytes.
 *
 * @param liveBytes   in use, in {@code liveBlocks} pieces
 * @param cachedBytes kept for reuse
 * @param peakBytes   the most that was ever taken from the device
 * @param allocations how often the driver was asked for memory
 * @param retries     how often memory ran out, so that what was kept was freed
 */
public record DeviceMemoryStatistics(long liveBytes, long liveBlocks, long cachedBytes, long peakBytes, long allocations, long retries) {
    /** Of no device. */
    public static final DeviceMemoryStatistics NONE = new DeviceMemoryStatistics(0, 0, 0, 0, 0, 0);
}
