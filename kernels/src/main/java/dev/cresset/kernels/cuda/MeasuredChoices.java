package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.driver.CudaCallException;
import dev.cresset.kernels.cuda.driver.CudaUnsupportedException;
import dev.cresset.kernels.cuda.driver.OutOfDeviceMemoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which of several ways to do the same was the fastest on a device: measured once and remembered on disk, beside compiled kernels,
 * in one file for each kind of device, driver and cuDNN. Bounded, the eldest go first; a file that is not whole counts as empty. Of
 * processes that write at once the last one's choices stay, so others' may be measured again. Safe from any thread.
 */
public final class MeasuredChoices {
    /** Milliseconds that work takes on a stream. */
    public interface Timer { double milliseconds(CudaStream stream, Runnable work); }

    static final int MOST = 4096;
    private static final int RUNS = 7;

    private final CubinCache cache;
    private final String file;
    private final Timer timer;          // null if nothing is measured
    private Map<String, String> known;  // the key of what was chosen for, and the way; null until it was read

    /**
     * Choices that are measured.
     *
     * @param folder      null remembers only here
     * @param environment what times depend on beside the work: the device, its driver, the library
     */
    public MeasuredChoices(Path folder, String environment, Timer timer) {
        this.cache = new CubinCache(folder);
        this.file = CubinCache.key(environment, "", List.of(), "") + ".choices";
        this.timer = timer;
    }

    private MeasuredChoices() {
        cache = null;
        file = null;
        timer = null;
    }

    /** Nothing is measured: the first way is as good as any. */
    static MeasuredChoices none() { return new MeasuredChoices(); }

    static MeasuredChoices of(String environment) { return new MeasuredChoices(CubinCache.ofThisUser().folder(), environment, CudaStream::milliseconds); }

    /** False if the first way is always taken. */
    public boolean measures() { return timer != null; }

    /** Milliseconds that work takes usually, which is done several times; infinity if it cannot be done, or CUDA refuses it for any reason. */
    public double time(CudaStream stream, Runnable work) {
        try {
            work.run();
            double[] times = IntStream.range(0, RUNS).mapToDouble(_ -> timer.milliseconds(stream, work)).sorted().toArray();
            return times[RUNS / 2];
        } catch (CudaUnsupportedException | CudaCallException | OutOfDeviceMemoryException e) {
            return Double.POSITIVE_INFINITY;
        }
    }

    /**
     * The fastest way, the first of those that are equally fast.
     *
     * @param what         what is done, in a text that is the same in each process
     * @param ways         one or more, of one line each
     * @param milliseconds how long a way takes, infinity if it cannot be done; asked only if that is not known
     */
    public String fastest(String what, List<String> ways, ToDoubleFunction<String> milliseconds) {
        if (!measures() || ways.size() == 1) return ways.getFirst();
        String key = CubinCache.key(what, "", List.of(), ""), kept = find(key);
        if (kept != null && ways.contains(kept)) return kept;
        Map<String, Double> times = new LinkedHashMap<>();
        for (String way : ways) times.put(way, milliseconds.applyAsDouble(way));
        String best = ways.stream().min(Comparator.comparingDouble(times::get)).orElseThrow();
        if (Double.isFinite(times.get(best))) remember(key, best);
        return best;
    }

    private synchronized String find(String key) {
        if (known == null) known = read();
        return known.get(key);
    }

    private synchronized void remember(String key, String way) {
        Map<String, String> all = read();
        all.putAll(known);
        all.remove(key);
        all.put(key, way);
        for (Iterator<String> eldest = all.keySet().iterator(); all.size() > MOST; eldest.remove()) eldest.next();
        known = all;
        cache.keepText(file, all.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).collect(Collectors.joining("\n")));
    }

    private Map<String, String> read() {
        Map<String, String> out = new LinkedHashMap<>();
        String text = cache.text(file);
        if (text == null) return out;
        Arrays.stream(text.split("\n")).map(l -> l.split(" ", 2)).filter(l -> l.length == 2).limit(MOST).forEach(l -> out.put(l[0], l[1]));
        return out;
    }
}
