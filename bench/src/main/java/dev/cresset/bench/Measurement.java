package dev.cresset.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was measured of one engine with one model. Times in milliseconds. */
public final class Measurement {
    public String engine;
    /** Why it could not be measured; null if it was. */
    public String failure;
    /** From the start of the JVM to the first output, and the loading within. */
    public double firstOutput, load;
    /** The first calls of the process, one by one. */
    public double[] calls = {};
    /** Largest difference to PyTorch's output relative to its largest value, over all inputs. */
    public double difference;
    /** The first calls with each further shape, in the order in which the shapes came. */
    public Map<String, double[]> newShapes = new LinkedHashMap<>();
    /** The first calls with the first shape again. */
    public double[] back = {};
    /** Which of {@link #calls}, of each of {@link #newShapes} and of {@link #back} were answered by something made for their shapes. */
    public Map<String, boolean[]> planned = new LinkedHashMap<>();
    public Map<String, Steady> steady = new LinkedHashMap<>();
    public long peakKilobytes;

    /**
     * Medians over measurement blocks.
     *
     * @param cpu    processor time of the calling thread per call: with one thread, what others do disturbs it little
     * @param quiet  blocks during which other processes did next to nothing
     * @param blocks all blocks; if none was quiet, the medians are over the least disturbed third
     * @param others processors' worth of other work in the blocks that were used
     */
    public record Steady(double p50, double p90, double cpu, long calls, int quiet, int blocks, double others) {}

    /** One block. */
    record Block(double p50, double p90, long calls, double cpu, double others) {
        static final double QUIET = 0.12;

        boolean quiet() { return others <= QUIET; }
    }

    static Steady steady(List<Block> blocks) {
        List<Block> sorted = blocks.stream().sorted(java.util.Comparator.comparingDouble(Block::others)).toList();
        int quiet = (int) blocks.stream().filter(Block::quiet).count();
        List<Block> used = sorted.subList(0, Math.max(quiet, (blocks.size() + 2) / 3));
        return new Steady(median(used.stream().mapToDouble(Block::p50).toArray()), median(used.stream().mapToDouble(Block::p90).toArray()),
            median(used.stream().mapToDouble(Block::cpu).toArray()),
            used.stream().mapToLong(Block::calls).sum(), quiet, blocks.size(), used.stream().mapToDouble(Block::others).max().orElse(0));
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        java.util.Arrays.sort(sorted);
        int n = sorted.length;
        return n == 0 ? Double.NaN : n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
}
