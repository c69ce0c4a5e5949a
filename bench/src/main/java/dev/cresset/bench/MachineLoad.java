package dev.cresset.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * How many processors others kept busy while an engine was measured, from Linux's own accounting (ticks of 10 ms). A
 * measurement that had to share the processors says little, most of all for engines whose threads spin.
 */
final class MachineLoad {
    private static final double TICKS_PER_SECOND = 100;

    private final long pid;
    private final long start = System.nanoTime();
    private final long busy = busyTicks(), own;

    MachineLoad(long pid) {
        this.pid = pid;
        this.own = ownTicks(pid);
    }

    /** Processors' worth of work of all other processes since this object was made; 0 where it cannot be known. */
    double others() {
        double seconds = (System.nanoTime() - start) / 1e9;
        return Math.max(0, (busyTicks() - busy - (ownTicks(pid) - own)) / TICKS_PER_SECOND / seconds);
    }

    /** user, nice, system, irq, softirq and steal of all processors. */
    private static long busyTicks() {
        List<String> stat = lines(Path.of("/proc/stat"));
        if (stat.isEmpty()) return 0;
        long[] t = Arrays.stream(stat.getFirst().trim().split("\\s+")).skip(1).mapToLong(Long::parseLong).toArray();
        return t[0] + t[1] + t[2] + t[5] + t[6] + t[7];
    }

    private static long ownTicks(long pid) {
        List<String> stat = lines(Path.of("/proc/" + pid + "/stat"));
        if (stat.isEmpty()) return 0;
        String[] fields = stat.getFirst().substring(stat.getFirst().lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException _) {
            return List.of();
        }
    }
}
