package dev.cresset.kernels.plan;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small networks of usual shapes give as plans what they give operator by operator. */
class ModelPlanTest {
    @ParameterizedTest
    @ValueSource(strings = {"mlp", "resnet-small", "mobilenet-small", "densenet-small", "bert-small", "lstm-small"})
    void agrees(String name) {
        for (long batch : new long[] {1, 3}) {
            Models m = Models.of(name, batch);
            PlanCheck.check(m.t, 2e-4, m.result);
        }
    }
}
