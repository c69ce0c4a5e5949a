package dev.cresset.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cresset.cli.data.Npy;
import dev.cresset.cli.data.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunCommandTest {
    private static final Path DIGITS = Cli.folder("digits");
    private static final Path MODEL = DIGITS.resolve("model.pt");

    @TempDir Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"})
    void readsDigits(String digit) {
        Cli run = Cli.run("run", MODEL, "--image", DIGITS.resolve(digit + ".png"), "--size", 8, "--channels", 1,
            "--labels", DIGITS.resolve("labels.txt"), "--top", 2);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().startsWith(digit + " "), run.out());
        assertEquals(2, run.out().lines().count());
    }

    @Test void severalImagesAreOneBatch() {
        Cli run = Cli.run("run", MODEL, "--image", DIGITS.resolve("three.png"), "--image", DIGITS.resolve("five.png"),
            "--size", 8,
            "--channels", 1);
        assertTrue(run.out().startsWith("f32[2,10]"), run.out() + run.err());
    }

    @Test void savesWhatPrintsAsJson() throws IOException {
        Path npz = temp.resolve("out.npz"), folder = temp.resolve("out");
        Cli run = Cli.run("run", MODEL, DIGITS.resolve("0000.npy"), "--json", "--save", npz);
        JsonNode json = new ObjectMapper().readTree(run.out());
        float[] saved = Npz.read(npz, "result").toFloatArray();
        assertEquals(10, saved.length);
        for (int i = 0; i < 10; i++) assertEquals(saved[i], (float) json.at("/result/tensor/" + i).asDouble());
        assertEquals(0, Cli.run("run", MODEL, DIGITS.resolve("0000.npy"), "--save", folder).code());
        assertArrayEquals(saved, Npy.read(folder.resolve("result.npy")).toFloatArray());
    }

    @Test void readsArgumentFiles() throws IOException {
        Path args = Files.writeString(temp.resolve("args.json"), """
            {"args": [], "kwargs": {"image": {"tensor": "%s", "dtype": "float32", "shape": [1, 1, 8, 8]}}}
            """.formatted(DIGITS.resolve("0000.npy")));
        assertEquals(Cli.run("run", MODEL, DIGITS.resolve("0000.npy")).out(), Cli.run("run", MODEL, "@" + args).out());
    }

    @Test void seedsRandomInputs() {
        String first = Cli.run("run", MODEL, "f32[1,1,8,8]", "--seed", 1).out();
        assertEquals(first, Cli.run("run", MODEL, "--arg", "image=f32[1,1,8,8]", "--seed", 1).out());
        assertTrue(!first.equals(Cli.run("run", MODEL, "f32[1,1,8,8]", "--seed", 2).out()));
    }

    @Test void timesRepeatedCalls() {
        Cli run = Cli.run("run", MODEL, "f32[1,1,8,8]", "--runs", 5, "--callers", 2, "--threads", 1);
        assertTrue(run.err().matches("(?s)first .* ms, then 8 calls: median .* ms, p90 .* ms; 2 callers, .* calls "
            + "per second\\R"), run.err());
    }

    @Test void explainsWhatRan() throws IOException {
        Path model = Cli.model("executor");
        Cli run = Cli.run("run", model, "f32[4,3]", "0.5", "--method", "scaled", "--mode", "optimize", "--runs", 4, "--explain");
        assertTrue(run.err().contains("__torch__.Executed.scaled: plans\n  4 calls: 2 by plans, 2 by the unoptimised graph; 1 plan made\n"), run.err());
        assertTrue(run.err().contains("kernel: neg mul exp add (saves"), run.err());
        Cli json = Cli.run("run", model, "f32[4,3]", "0.5", "--method", "scaled", "--mode", "optimize", "--runs", 4, "--explain", "--json");
        JsonNode f = new ObjectMapper().readTree(json.out()).at("/explanation/functions/0");
        assertEquals(2, f.get("callsByPlans").asInt(), json.out());
        assertEquals("factor: 0.5", f.at("/plans/0/arguments/1").asText());
        assertEquals("aten::exp", f.at("/plans/0/subgraphs/0/groups/0/operators/2").asText(), json.out());
    }

    @Test void warmsUpBeforeItRuns() {
        Cli run = Cli.run("run", Cli.model("executor"), "f32[4,3]", "--method", "counted", "--warmup", "--explain");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("1 plan made") && !run.err().contains("on trial"), run.err());
    }

    @Test void profilesTheStepsOfPlans() throws IOException {
        Path trace = temp.resolve("trace.json");
        Cli run = Cli.run("run", Cli.model("executor"), "f32[4,3]", "0.5", "--method", "scaled", "--mode", "optimize", "--runs", 4, "--profile", trace);
        assertTrue(run.err().contains("\nfused neg mul exp add "), run.err());
        JsonNode events = new ObjectMapper().readTree(trace.toFile()).get("traceEvents");
        assertTrue(events.findValuesAsText("name").contains("fused neg mul exp add"), events.toString());
    }

    @Test void saysWhatIsWrong() {
        fails(2, "no method 'nix'; it has [forward]", "run", MODEL, "f32[1,1,8,8]", "--method", "nix");
        fails(1, "there is no file", "run", temp.resolve("none.pt"));
        fails(1, "device 'xpu:1' is not there", "run", MODEL, "f32[1,1,8,8]", "--device", "xpu:1");
        fails(1, "missing value for argument 'image'", "run", MODEL);
        fails(2, "there is no mode 'fast'; the modes are default, interpret, profile, optimize, symbolic, shadow, deopt", "run", MODEL, "--mode", "fast");
        fails(2, "there is no element type 'f33'", "run", MODEL, "f33[1]");
        fails(1, "there is no such file", "run", MODEL, temp.resolve("none.npy"));
        fails(2, "--channels must be 1 or 3", "run", MODEL, "--image", DIGITS.resolve("one.png"), "--channels", 2);
        fails(1, "no known format", "run", MODEL, "--image", DIGITS.resolve("labels.txt"));
        fails(2, "Unknown option: '--nix'", "run", MODEL, "--nix");
        fails(2, "", "run");
    }

    @Test void aFailingModelGivesTheReasonFirst() {
        Cli run = Cli.run("run", MODEL, "f32[1,3,8,8]");
        assertEquals(1, run.code());
        assertTrue(run.err().lines().findFirst().orElse("").contains("3 channels"), run.err());
        assertTrue(run.err().contains("serialized code") && !run.err().contains("\tat "), run.err());
        assertTrue(Cli.run("run", "-v", MODEL, "f32[1,3,8,8]").err().contains("\tat "));
    }

    private static void fails(int code, String message, Object... args) {
        Cli run = Cli.run(args);
        assertEquals(code, run.code(), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertEquals("", run.out());
    }

    @Test void profilesOperators(@TempDir Path folder) throws IOException {
        Path trace = folder.resolve("trace.json");
        Cli run = Cli.run("run", Cli.model("digits"), "f32[1,1,8,8]", "--profile", trace);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("aten::conv2d"), run.err());
        assertTrue(Files.readString(trace).contains("\"name\":\"aten::conv2d\""));
    }
}
