package dev.cresset;

import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.SourceRange;
import java.util.List;

/**
 * All operators that a program's methods may reach, found without running anything: what a service looks at before it
 * takes a model. Code behind conditions counts as reachable.
 *
 * @param operators in alphabetical order
 * @param failures  functions whose code does not compile; reaching one fails
 */
public record LoadReport(List<Use> operators, List<Failure> failures) {
    public LoadReport {
        operators = List.copyOf(operators);
        failures = List.copyOf(failures);
    }

    /**
     * One operator.
     *
     * @param operator qualified name with overload, {@code aten::add.Tensor}
     * @param obstacle why calling it fails; empty if it is supported
     * @param places   where the code calls it, one for each call
     */
    public record Use(String operator, String obstacle, List<Location> places) {
        public Use { places = List.copyOf(places); }

        public boolean isSupported() { return obstacle.isEmpty(); }

        /**
         * The first place in the user's own file, else in the archive's code, as {@code file:line}; empty if not
         * recorded.
         */
        public String firstPlace() {
            for (Location l : places) {
                if (l.range() != null) {
                    SourceRange r = l.range().original().orElse(l.range());
                    return r.source().name() + ":" + r.line();
                }
            }
            return "";
        }
    }

    /** A function that does not compile. @param message the error, with the source */
    public record Failure(String function, String message) {}

    /** The operators that are not supported. */
    public List<Use> missing() { return operators.stream().filter(u -> !u.isSupported()).toList(); }

    /** True if every method can run as far as operators are concerned. */
    public boolean isComplete() { return failures.isEmpty() && missing().isEmpty(); }
}
