package dev.cresset.kernels.plan;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Plans of random subgraphs agree with their operators. */
class RandomPlanTest {
    @RepeatedTest(40) void matrices(RepetitionInfo info) { check(RandomPlans.ofMatrices(info.getCurrentRepetition())); }

    @RepeatedTest(40) void images(RepetitionInfo info) { check(RandomPlans.ofImages(info.getCurrentRepetition())); }

    private static void check(RandomPlans p) { PlanCheck.check(p.t, 2e-3, p.results()); }
}
