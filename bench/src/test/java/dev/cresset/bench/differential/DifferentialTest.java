package dev.cresset.bench.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ExecutionMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random programs in every mode. {@code ./cresset bench --differential N --seed S} runs more of them. */
class DifferentialTest {
    @ParameterizedTest @CsvSource({"OPTIMIZE, 0, 80", "DEOPT, 80, 130", "SHADOW, 130, 180", "DEFAULT, 180, 200", "SYMBOLIC, 220, 270"})
    void agreesWithTheInterpreter(ExecutionMode mode, long firstSeed, long lastSeed) {
        try (Differential differential = new Differential(List.of(mode), 1, Optional.empty())) {
            for (long seed = firstSeed; seed < lastSeed; seed++) {
                differential.check(seed).ifPresent(failure -> fail(failure.report()));
            }
            assertEquals(0, differential.liveBlocks(), "blocks of tensor memory that were not given back");
            Differential.Tally tally = differential.tally();
            assertTrue(tally.errors() < tally.calls() / 4, "programs should not fail often: " + tally.errors());
            double least = mode == ExecutionMode.OPTIMIZE || mode == ExecutionMode.SHADOW ? 0.75 : 0.1;
            assertTrue(differential.plannedShare(mode) > least, "share of calls by plans: " + differential.plannedShare(mode));
        }
    }
}
