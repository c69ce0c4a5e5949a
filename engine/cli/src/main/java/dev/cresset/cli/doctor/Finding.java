package dev.cresset.cli.doctor;

/** One thing looked at. */
public record Finding(String name, State state, String detail) {
    /** How it is: fine, absent but not needed, or in the way of running anything. */
    public enum State {
        OK("ok"), MISSING("missing"), FAULT("FAULT");

        private final String shown;

        State(String shown) { this.shown = shown; }

        public String shown() { return shown; }
    }
}
