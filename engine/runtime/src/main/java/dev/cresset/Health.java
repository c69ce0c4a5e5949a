package dev.cresset;

/**
 * Whether an engine can run programs.
 *
 * @param reason what happened, if it cannot; else empty
 */
public record Health(boolean isGood, String reason) {
    static final Health GOOD = new Health(true, "");
}
