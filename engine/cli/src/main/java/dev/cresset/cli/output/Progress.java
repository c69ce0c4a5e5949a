package dev.cresset.cli.output;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** Says on standard error what takes longer than a second, if a person is looking there; gone when closed. */
public final class Progress implements AutoCloseable {
    private static final int QUIET_MILLIS = 1000, STEP_MILLIS = 200;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter err;
    private final Thread writer;
    private volatile String doing;

    private Progress(PrintWriter err, String doing) {
        this.err = err;
        this.doing = doing;
        this.writer = Thread.ofPlatform().daemon().name("cresset-progress").unstarted(this::write);
    }

    /** Starts; does nothing if standard error is no terminal. */
    public static Progress start(PrintWriter err, String doing) {
        Progress p = new Progress(err, doing);
        if (isTerminal()) p.writer.start();
        return p;
    }

    /** Changes what is said. */
    public void now(String what) { doing = what; }

    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return System.console() != null;
        }
    }

    private void write() {
        long start = System.nanoTime();
        try {
            Thread.sleep(QUIET_MILLIS);
            while (true) {
                err.print(CLEAR_LINE + doing + " … " + (System.nanoTime() - start) / 1_000_000_000 + " s");
                err.flush();
                Thread.sleep(STEP_MILLIS);
            }
        } catch (InterruptedException _) {
            err.print(CLEAR_LINE);
            err.flush();
        }
    }

    @Override public void close() {
        if (!writer.isAlive()) return;
        writer.interrupt();
        try {
            writer.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
