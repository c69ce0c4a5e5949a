package dev.cresset.kernels.value;

/** {@code str()} of a run-time value. */
public final class Text {
    private Text() {}

    public static String of(Object value) {
        return switch (value) {
            case null -> "None";
            case Boolean b -> b ? "True" : "False";
            default -> value.toString();
        };
    }
}
