package dev.cresset.runtime.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TrialTest {
    /** Calls whose times are given, whoever runs them. @return how many the plan ran */
    private static int run(Trial trial, int calls, long plan, long other, long elements) {
        int byPlan = 0;
        for (int i = 0; i < calls; i++) {
            if (trial.planRuns()) {
                trial.planTook(plan, elements);
                byPlan++;
            } else {
                trial.otherTook(other, elements);
            }
        }
        return byPlan;
    }

    @Test void bothTakeTurnsAndTheFasterOneServes() {
        Trial trial = Trial.ofOneSize();
        assertEquals(5, run(trial, 10, 10, 20, 1));
        assertTrue(trial.isWon());
        assertEquals(100, run(trial, 100, 10, 20, 1));
        assertEquals(10, trial.planNanos());
        assertEquals(20, trial.otherNanos());
    }

    @Test void callsOfManySizesAreComparedByElement() {
        Trial trial = Trial.ofManySizes();
        for (int i = 0; i < 32; i++) {
            if (trial.planRuns()) trial.planTook(900, 100);     // larger calls that take longer
            else trial.otherTook(100, 10);
        }
        assertTrue(trial.isDecided());
        assertTrue(trial.isWon());
    }

    @Test void whatDisturbsSomeCallsDoesNotDecide() {
        Trial trial = Trial.ofManySizes();
        for (int i = 0; i < 32; i++) {
            if (trial.planRuns()) trial.planTook(i < 8 ? 100_000 : 80, 10);
            else trial.otherTook(100, 10);
        }
        assertTrue(trial.isWon());
    }

    @Test void onePlanThatLostIsTriedAgainLessAndLessOften() {
        Trial trial = Trial.ofOneSize();
        run(trial, 10, 30, 20, 1);
        assertTrue(trial.isDecided());
        assertFalse(trial.isWon());
        for (int pause = 256; pause <= 1024; pause *= 2) {
            for (int i = 1; i < pause; i++) trial.passedOver();
            assertTrue(trial.isDecided());
            trial.passedOver();
            assertFalse(trial.isDecided(), "after " + pause);
            assertEquals(5, run(trial, 10, 30, 20, 1));
        }
        for (int i = 0; i < 2048; i++) trial.passedOver();
        run(trial, 10, 10, 20, 1);
        assertTrue(trial.isWon());
    }

    @Test void aPlanThatHasBecomeSlowIsTriedAgain() {
        Trial trial = Trial.ofOneSize();
        run(trial, 10, 10, 20, 1);
        run(trial, 200, 50, 20, 1);
        assertTrue(trial.isWon());
        run(trial, 11, 50, 20, 1);
        assertTrue(trial.isDecided());
        assertFalse(trial.isWon());
    }
}
