package dev.cresset.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class OtherCommandsTest {
    @TempDir Path temp;

    @Test void verifyCountsAndExitsByTheResult() throws IOException {
        Cli good = Cli.run("verify", Cli.folder("digits"), "--runs", 2);
        assertEquals("ok digits\n1 passed, 0 failed\n", good.out());
        assertEquals(0, good.code());
        Path bad = Files.createDirectory(temp.resolve("bad"));
        Files.copy(Cli.model("digits"), bad.resolve("model.pt"));
        Files.writeString(bad.resolve("case.json"), """
            {"model": "model.pt", "sessions": [{"name": "s", "calls": [{"method": "forward", "args": [],
                "returns": {"int": 3}}]}]}""");
        Path lines = temp.resolve("results.jsonl");
        Cli failing = Cli.run("verify", temp, "--json", "--json-lines", lines);
        JsonNode json = new ObjectMapper().readTree(failing.out());
        assertEquals(1, failing.code());
        assertEquals("FAILED", json.at("/cases/0/status").asText());
        assertEquals(bad.toAbsolutePath().toString(), json.at("/cases/0/folder").asText());
        assertEquals(json.at("/cases/0"), new ObjectMapper().readTree(lines.toFile()));
        Cli.run("verify", Cli.folder("digits"), "--json-lines", lines);
        assertEquals(2, Files.readAllLines(lines).size(), "what another process wrote stays");
        assertEquals(1, Cli.run("verify", temp, "--filter", "nothing*").code());
        assertEquals(2, Cli.run("verify", temp, "--mode", "fast").code());
    }

    @Test void doctorLooksAtWhatModelsNeed() throws IOException {
        Cli doctor = Cli.run("doctor", "--json");
        JsonNode json = new ObjectMapper().readTree(doctor.out());
        assertEquals(json.get("cpu").asBoolean() ? 0 : 1, doctor.code());
        assertTrue(json.get("findings").findValuesAsText("name")
            .containsAll(java.util.List.of("Java", "oneDNN", "CUDA driver", "Temporary")));
        assertTrue(Cli.run("doctor").out().contains("Processor"));
    }

    @Test void devOptRunsPasses() throws IOException {
        Path graph = Files.writeString(temp.resolve("graph.ir"), """
            // passes: peephole, eliminate-dead-code
            graph(%a.1 : bool):
              %b.1 : bool = aten::__not__(%a.1)
              %c.1 : bool = aten::__not__(%b.1)
              return (%c.1)
            ----
            """);
        String expected = "graph(%a.1 : bool):\n  return (%a.1)\n";
        assertEquals(expected, Cli.run("dev", "opt", graph).out());
        assertEquals(expected, Cli.run("dev", "opt", "--passes=peephole,eliminate-dead-code", graph).out());
        Cli wrong = Cli.run("dev", "opt", "--passes=nix", graph);
        assertEquals(2, wrong.code());
        assertTrue(wrong.err().contains("there is no pass 'nix'"), wrong.err());
        assertTrue(Cli.run("dev", "opt", "--list-passes").out().contains("inline\n"));
    }

    @Test void devListsFlagsAndOperators() {
        assertTrue(Cli.run("dev", "flags").out().contains("opt.limit"));
        assertTrue(Cli.run("dev", "ops").out().lines().anyMatch(l -> l.matches("pointwise +aten::relu\\(.*")));
        assertTrue(Cli.run("dev", "ops", "--missing").out().lines().noneMatch(l -> l.startsWith("aten::relu(")));
    }

    @Test void everyCommandHasHelpWithExamples() {
        help(Main.commandLine());
    }

    private static void help(CommandLine command) {
        String usage = command.getUsageMessage();
        assertTrue(usage.contains("Example"), usage);
        assertTrue(usage.contains("--help"), usage);
        command.getSubcommands().values().forEach(OtherCommandsTest::help);
    }

    @Test void versionNamesJava() { assertTrue(Cli.run("--version").out().contains("Java")); }
}
