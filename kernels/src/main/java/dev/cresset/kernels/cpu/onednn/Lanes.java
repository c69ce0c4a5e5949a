package dev.cresset.kernels.cpu.onednn;

import java.util.ArrayDeque;

/**
 * The lanes that are free: as many exist as calls ever ran at once; the last one given back, still in the caches, goes
 * out first.
 */
final class Lanes implements AutoCloseable {
    private final long engine;
    private final ArrayDeque<Lane> free = new ArrayDeque<>();

    Lanes(long engine) { this.engine = engine; }

    Lane take() {
        synchronized (free) {
            Lane lane = free.poll();
            if (lane != null) return lane;
        }
        return new Lane(engine);
    }

    void give(Lane lane) {
        synchronized (free) {
            free.push(lane);
        }
    }

    @Override public void close() {
        synchronized (free) {
            free.forEach(Lane::close);
            free.clear();
        }
    }
}
