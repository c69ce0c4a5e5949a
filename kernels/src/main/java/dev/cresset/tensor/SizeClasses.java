package dev.cresset.tensor;

/** The sizes in which pools keep blocks: four classes per doubling, 1, 1.25, 1.5, 1.75 times a power of two, so at most a quarter is wasted. */
public final class SizeClasses {
    private static final int STEPS_PER_DOUBLING = 4;

    private final int smallestShift;

    /** @param smallestShift the smallest class has 2 to this power bytes */
    public SizeClasses(int smallestShift) { this.smallestShift = smallestShift; }

    /** How many classes there are, for blocks of up to 2^48 bytes. */
    public int count() { return STEPS_PER_DOUBLING * (48 - smallestShift); }

    /** The class of the smallest blocks that hold so many bytes. */
    public int classOf(long bytes) {
        if (bytes <= 1L << smallestShift) return 0;
        int shift = 63 - Long.numberOfLeadingZeros(bytes - 1);   // 2^shift < bytes <= 2^(shift+1)
        long quarter = 1L << shift - 2;
        int step = (int) ((bytes - 1 - (1L << shift)) / quarter) + 1;   // 1…4
        return (shift - smallestShift) * STEPS_PER_DOUBLING + step;
    }

    /** Bytes of a block of a class. */
    public long sizeOf(int sizeClass) {
        if (sizeClass == 0) return 1L << smallestShift;
        int shift = (sizeClass - 1) / STEPS_PER_DOUBLING + smallestShift;
        int step = (sizeClass - 1) % STEPS_PER_DOUBLING + 1;
        return (1L << shift) + step * (1L << shift - 2);
    }
}
