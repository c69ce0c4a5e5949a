package dev.cresset.kernels.op;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Random numbers by counter: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11). Number
 * k of a stream depends on the seed and k alone, so any number of threads can fill a tensor and get the same values.
 */
public final class Generator {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L, MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9, WEYL_1 = 0xBB67AE85;
    private static final long LOW = 0xffffffffL;

    private volatile long seed;
    private final AtomicLong next = new AtomicLong();

    public Generator(long seed) { this.seed = seed; }

    /** Restarts the stream from this seed: {@code torch.manual_seed}. */
    public void manualSeed(long newSeed) {
        seed = newSeed;
        next.set(0);
    }

    /** A generator that will give the same numbers as this one from here on. */
    public Generator copy() {
        Generator g = new Generator(seed);
        g.next.set(next.get());
        return g;
    }

    public long seed() { return seed; }

    /** Reserves this many counters and returns the first; each gives 128 random bits. */
    public long reserve(long counters) { return next.getAndAdd(counters); }

    /** 64 random bits of a counter. @param half 0 or 1 */
    public long bits(long counter, int half) {
        int c0 = (int) counter, c1 = (int) (counter >>> 32), c2 = 0, c3 = 0;
        int k0 = (int) seed, k1 = (int) (seed >>> 32);
        for (int r = 0; r < ROUNDS; r++) {
            long p0 = MULTIPLIER_0 * (c0 & LOW);
            long p1 = MULTIPLIER_1 * (c2 & LOW);
            int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c0 = n0;
            c1 = (int) p1;
            c2 = n2;
            c3 = (int) p0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        return half == 0 ? (c0 & LOW) << 32 | c1 & LOW : (c2 & LOW) << 32 | c3 & LOW;
    }

    /** Uniform in [0, 1), a multiple of 2^-53. */
    public double uniform(long counter, int half) { return (bits(counter, half) >>> 11) * 0x1p-53; }

    /** Standard normal (Box–Muller over the two halves of a counter). @param half 0 or 1 */
    public double normal(long counter, int half) {
        double radius = Math.sqrt(-2 * Math.log(1 - uniform(counter, 0)));
        double angle = 2 * Math.PI * uniform(counter, 1);
        return radius * (half == 0 ? Math.cos(angle) : Math.sin(angle));
    }
}
