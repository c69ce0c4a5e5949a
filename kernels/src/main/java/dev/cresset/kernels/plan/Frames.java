package dev.cresset.kernels.plan;

import java.util.ArrayDeque;

/** The frames of a plan that no run uses; as many are kept as there are processors, the last used goes out first. */
final class Frames implements AutoCloseable {
    private static final int KEPT = Runtime.getRuntime().availableProcessors();

    private final Frame.Layout layout;
    private final ArrayDeque<Frame> idle = new ArrayDeque<>();
    private int live;

    Frames(Frame.Layout layout) { this.layout = layout; }

    Frame take() {
        synchronized (this) {
            Frame frame = idle.poll();
            if (frame != null) return frame;
            live++;
        }
        return new Frame(layout, new HostBlock(layout.blockBytes()));
    }

    void give(Frame frame) {
        frame.clear();
        synchronized (this) {
            if (idle.size() < KEPT) {
                idle.push(frame);
                return;
            }
            live--;
        }
        frame.close();
    }

    /** Bytes of the blocks of all frames. */
    synchronized long nativeBytes() { return live * layout.blockBytes(); }

    @Override public synchronized void close() {
        idle.forEach(Frame::close);
        live -= idle.size();
        idle.clear();
    }
}
