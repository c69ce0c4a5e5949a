package dev.cresset.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ExecutionMode;
import dev.cresset.cli.cases.CaseFile;
import dev.cresset.cli.cases.CaseRunner;
import dev.cresset.cli.device.DeviceOptions;
import dev.cresset.testmodels.TestModels;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every committed case gives PyTorch's results, twice over on fresh instances of one program. */
class TestModelsVerifyTest {
    private static TestModels models;

    @BeforeAll static void open() throws IOException { models = TestModels.open(); }

    @AfterAll static void close() throws IOException { models.close(); }

    @TestFactory Stream<DynamicTest> cases() throws IOException {
        return TestModels.names().stream().map(name -> DynamicTest.dynamicTest(name, () -> verify(name)));
    }

    private static void verify(String name) throws IOException {
        CaseRunner runner = new CaseRunner(new DeviceOptions(), Runtime.getRuntime().availableProcessors(), 2, ExecutionMode.DEFAULT);
        CaseRunner.Outcome o = runner.run(CaseFile.read(models.folder(name).resolve("case.json")));
        assertEquals(CaseRunner.Status.OK, o.status(), o.detail());
    }
}
