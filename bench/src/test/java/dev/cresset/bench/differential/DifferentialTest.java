package dev.cresset.bench.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ExecutionMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Random programs in every mode. {@code ./cresset bench --differential N --seed S} runs more of them. */
class DifferentialTest {
    private static final int PROGRAMS = 300;

    @Test void everyModeAgreesWithTheInterpreter() {
        List<ExecutionMode> others = List.of(ExecutionMode.OPTIMIZE, ExecutionMode.DEOPT, ExecutionMode.SHADOW, ExecutionMode.DEFAULT);
        try (Differential differential = new Differential(others, 1, Optional.empty())) {
            for (long seed = 0; seed < PROGRAMS; seed++) {
                differential.check(seed).ifPresent(failure -> fail(failure.report()));
            }
            assertEquals(0, differential.liveBlocks(), "blocks of tensor memory that were not given back");
            Differential.Tally tally = differential.tally();
            assertTrue(tally.errors() > 0 && tally.errors() < tally.calls() / 4, "programs fail now and then, but not often: " + tally.errors());
        }
    }
}
