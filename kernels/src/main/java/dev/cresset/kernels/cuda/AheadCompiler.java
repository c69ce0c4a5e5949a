package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.CommonKernels.Part;
import dev.cresset.kernels.cuda.KernelCompiler.Unit;
import dev.cresset.kernels.cuda.driver.CudaException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Compiles the common kernels of a device ahead of need, in the background, for this process and all later ones.
 *
 * <p>Note [Kernels ahead]. The family of single-operator kernels is compiled in parts, each a module of its own on disk, because NVRTC
 * cannot be stopped within a compilation and (before CUDA 12.3) does one at a time: whoever closes the device, and whoever needs a
 * kernel that is in no part yet and has it compiled alone, waits for a part at most. What a process that ends early has done stays; the
 * next one goes on. Of all processes one at a time compiles; the others find its parts when they need them ({@link AheadModules}).
 */
final class AheadCompiler implements AutoCloseable {
    private final KernelCompiler compiler;
    private final Supplier<Stream<Part>> parts;
    private Thread thread;
    private int urgent;
    private boolean closed;

    /** @param parts asked for in the background, one after the other; null to compile nothing ahead */
    AheadCompiler(KernelCompiler compiler, Supplier<Stream<Part>> parts) {
        this.compiler = compiler;
        this.parts = parts;
    }

    /** Begins in the background, unless it has before. */
    synchronized void start() {
        if (parts == null || thread != null || closed) return;
        thread = Thread.ofPlatform().daemon().name("cresset-kernels").priority(Thread.MIN_PRIORITY).unstarted(this::run);
        thread.start();
    }

    private void run() {
        Thread end = new Thread(this::close);   // NVRTC must not be at work while the process takes its libraries down
        try {
            Runtime.getRuntime().addShutdownHook(end);
            try {
                compileAll(_ -> { });
            } finally {
                Runtime.getRuntime().removeShutdownHook(end);
            }
        } catch (IllegalStateException processEnds) {
            // the hook waits for this thread, or was too late
        }
    }

    /**
     * Compiles what is not on disk, until it is closed.
     *
     * @param progress is told each part before it is looked for
     * @return the parts that the compiler refused; null if another process is compiling, or nothing can be kept on disk
     */
    List<Part> compileAll(Consumer<Part> progress) {
        Optional<CubinCache.Lock> lock = compiler.cache().lock("ahead-" + compiler.architecture());
        if (lock.isEmpty()) return null;
        try (CubinCache.Lock _ = lock.get()) {
            List<Part> refused = new ArrayList<>();
            for (Iterator<Part> all = parts.get().iterator(); mayGoOn() && all.hasNext(); ) {
                Part p = all.next();
                progress.accept(p);
                switch (compile(p)) {
                    case DONE -> { }
                    case REFUSED -> refused.add(p);
                    case NOT_KEPT -> { return null; }
                }
            }
            return refused;
        }
    }

    private enum Outcome { DONE, REFUSED, NOT_KEPT }

    private Outcome compile(Part part) {
        Unit unit = compiler.unit(part.name(), part.kernels());
        CubinCache cache = compiler.cache();
        if (cache.contents(unit.key()) != null && cache.find(unit.key()) != null) return Outcome.DONE;
        try {
            compiler.code(unit, true);
        } catch (CudaException refused) {
            return Outcome.REFUSED;   // the flight recorder knows why; its kernels are compiled one by one where they are needed
        }
        List<String> keys = part.kernels().stream().map(k -> compiler.alone(k).key()).toList();
        return cache.writeContents(unit.key(), keys) ? Outcome.DONE : Outcome.NOT_KEPT;
    }

    /** Does work that somebody waits for: no part is begun meanwhile. */
    <T> T first(Supplier<T> work) {
        synchronized (this) {
            urgent++;
        }
        try {
            return work.get();
        } finally {
            synchronized (this) {
                urgent--;
                notifyAll();
            }
        }
    }

    /** Waits while somebody else waits for the compiler. @return false if it is closed */
    private synchronized boolean mayGoOn() {
        try {
            while (urgent > 0 && !closed) wait();
            return !closed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends the background work: waits for the part that is being compiled, and begins no other. */
    @Override public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            notifyAll();
            running = thread;
        }
        if (running != null && running != Thread.currentThread()) join(running);
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
