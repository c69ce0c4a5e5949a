package dev.cresset.ir.type;

/**
 * Where a tensor lives: {@code cpu}, {@code cuda:0}, {@code meta}.
 *
 * @param type  the kind of device, lower case
 * @param index which one of its kind; -1 if the program did not say
 */
public record Device(String type, int index) {
    public static final Device CPU = new Device("cpu", -1);
    public static final Device META = new Device("meta", -1);

    /** Parses {@code cpu}, {@code cuda}, {@code cuda:1}. @throws IllegalArgumentException if the text is no device */
    public static Device parse(String text) {
        int colon = text.indexOf(':');
        String type = colon < 0 ? text : text.substring(0, colon);
        if (type.isEmpty() || !type.chars().allMatch(c -> c >= 'a' && c <= 'z' || c == '_')) {
            throw new IllegalArgumentException("not a device: '" + text + "' (expected cpu, cuda or cuda:N)");
        }
        if (colon < 0) return type.equals("cpu") ? CPU : new Device(type, -1);
        try {
            return new Device(type, Integer.parseUnsignedInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a device: '" + text + "' (expected cpu, cuda or cuda:N)", e);
        }
    }

    public boolean isCpu() { return type.equals("cpu"); }

    public boolean isCuda() { return type.equals("cuda"); }

    @Override public String toString() { return index < 0 ? type : type + ":" + index; }
}
