package dev.cresset.tensor;

import dev.cresset.ir.type.Device;
import java.lang.foreign.MemorySegment;

/**
 * The memory of a device, seen from one of its streams. Blocks are segments of length zero at an address of the device,
 * so that host code which touches one fails at once. What is given back is reused in the order of the stream.
 *
 * <p>Copies are in the order of the stream: those between blocks and to the device return before they are done, those to
 * the host wait.
 */
public interface DeviceMemory extends BlockPool {
    /** Which device it is, with its index: {@code cuda:0}. */
    Device device();

    /** Copies bytes to the device; {@code from} may be changed as soon as this returns. */
    void upload(MemorySegment from, long to, long bytes);

    /** Copies bytes to the host, after all that the stream was given before; waits until they are there. */
    void download(long from, MemorySegment to, long bytes);

    /** Copies bytes between two blocks of this device that do not overlap. */
    void copy(long from, long to, long bytes);

    /**
     * Lets all that this stream is given from now on happen after all that the other one was given until now. Without
     * effect if they are the same.
     */
    void waitFor(DeviceMemory other);

    /** Frees what was derived from a {@link Storage#content} that nobody uses any more. */
    default void dropDerived(Object content) { }

    /** Notes that a block is a constant's from now on, or that it is about to be given back as such; for the report of memory alone. */
    default void countConstant(MemorySegment block, boolean becomes) { }
}
