package dev.cresset.kernels.cuda;

import java.util.Locale;

/**
 * Memory of a device, in bytes, by what it is used for.
 *
 * @param liveBytes     tensors in use, in {@code liveBlocks} pieces: arguments, results, and constants
 * @param constantBytes those of them that are weights, or made of weights for plans
 * @param packedBytes   weights once more, in the orders that libraries want
 * @param planBytes     what runs of plans work in: the frames, with workspaces of libraries
 * @param recordedBytes what the driver has for the recorded work of plans: estimated, as it does not say
 * @param streamBytes   workspaces of libraries and reports of kernels, which streams keep
 * @param codeBytes     kernels that are loaded
 * @param cachedBytes   kept for reuse
 * @param otherBytes    what else is taken of the device: the driver's context, NVIDIA's libraries, other processes; what the driver has for
 *                      recorded work is among it if the estimate is too low
 * @param pinnedBytes   of the host's memory, for copies to the device and from it
 * @param peakBytes     the most that tensors, plans and streams ever took from the device, with what was kept
 * @param allocations   how often the driver was asked for memory
 * @param retries       how often memory ran out, so that what was kept was freed
 */
public record DeviceMemoryStatistics(long liveBytes, long liveBlocks, long constantBytes, long packedBytes, long planBytes, long recordedBytes,
                                     long streamBytes, long codeBytes, long cachedBytes, long otherBytes, long pinnedBytes, long peakBytes, long allocations, long retries) {
    /** Of no device. */
    public static final DeviceMemoryStatistics NONE = new DeviceMemoryStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** All that is taken from the device but for what the driver and NVIDIA's libraries have for themselves. */
    public long totalBytes() { return liveBytes + packedBytes + planBytes + recordedBytes + streamBytes + codeBytes + cachedBytes; }

    /** For people, on one line. */
    public String text() {
        return String.format(Locale.ROOT, "%s: weights %s, packed weights %s, other tensors %s, plans %s, recorded work about %s, streams %s, kernels %s, "
            + "kept for reuse %s; at most %s. Beside it %s of the device, for the driver, libraries and other processes, and %s pinned on the host",
            megabytes(totalBytes()), megabytes(constantBytes), megabytes(packedBytes), megabytes(liveBytes - constantBytes), megabytes(planBytes),
            megabytes(recordedBytes), megabytes(streamBytes), megabytes(codeBytes), megabytes(cachedBytes), megabytes(peakBytes),
            megabytes(otherBytes), megabytes(pinnedBytes));
    }

    private static String megabytes(long n) { return String.format(Locale.ROOT, "%.1f MB", n / 1e6); }
}
