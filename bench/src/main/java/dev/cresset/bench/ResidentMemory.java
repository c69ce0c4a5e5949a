package dev.cresset.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process occupies of the machine's memory, from Linux's accounting. */
public final class ResidentMemory {
    private ResidentMemory() {}

    /** Now; 0 where it cannot be known. */
    public static long kilobytes() { return field("VmRSS"); }

    /** At most so far. */
    public static long peakKilobytes() { return field("VmHWM"); }

    private static long field(String name) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(l -> l.startsWith(name))
                .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", ""))).findFirst().orElse(0);
        } catch (IOException _) {
            return 0;
        }
    }
}
