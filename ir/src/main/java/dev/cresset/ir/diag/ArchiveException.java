package dev.cresset.ir.diag;

/** An archive that cannot be read: malformed, truncated, hostile, or of a kind Cresset does not know. */
public final class ArchiveException extends CressetException {
    private final String entry;
    private final long offset;

    /**
     * @param entry  the entry within the archive, or the file itself
     * @param offset the byte offset within the entry, or -1 if there is none to name
     */
    public ArchiveException(String entry, long offset, String message) { this(entry, offset, message, null); }

    public ArchiveException(String entry, long offset, String message, Throwable cause) {
        super(entry + (offset >= 0 ? " at byte " + offset : "") + ": " + message, cause);
        this.entry = entry;
        this.offset = offset;
    }

    public String entry() { return entry; }

    public long offset() { return offset; }
}
