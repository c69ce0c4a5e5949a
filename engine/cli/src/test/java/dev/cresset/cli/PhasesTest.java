package dev.cresset.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way of an LSTM cell from its graph to one kernel between two matrix products, phase by phase. */
class PhasesTest {
    private static final List<String> INPUTS = List.of("f32[8,10]", "f32[8,20]", "f32[8,20]", "f32[80,10]", "f32[80,20]", "f32[80]", "f32[80]");

    private static String phase(String phase) { return inspect("lstm-cell", INPUTS, "--phase", phase); }

    private static String inspect(String model, List<String> inputs, String... options) {
        Cli run = run(model, inputs, options);
        assertEquals(0, run.code(), run.err());
        return run.out();
    }

    private static Cli run(String model, List<String> inputs, String... options) {
        List<Object> words = new ArrayList<>(List.of("inspect", Cli.model(model)));
        words.addAll(inputs);
        words.addAll(List.of(options));
        return Cli.run(words.toArray());
    }

    private static long count(String pattern, String text) { return Pattern.compile(pattern).matcher(text).results().count(); }

    /** To write the files anew: cresset inspect testmodels/…/lstm-cell/model.pt INPUTS --phase PHASE > phases/PHASE.txt. */
    @ParameterizedTest
    @ValueSource(strings = {"inlined", "profiling", "profiled", "guarded", "specialised", "optimized"})
    void isAsWrittenDown(String phase) throws IOException {
        try (InputStream in = PhasesTest.class.getResourceAsStream("phases/" + phase + ".txt")) {
            assertEquals(new String(in.readAllBytes(), StandardCharsets.UTF_8), phase(phase));
        }
    }

    @Test void everyTensorThatIsUsedIsProfiled() {
        assertEquals(0, count("prim::profile", phase("inlined")));
        String text = phase("profiling");
        assertTrue(count("prim::profile", text) >= 7 + 15, text);
        assertEquals(0, count("profiled_type", text), "nothing has run yet");
        assertTrue(Pattern.compile("aten::mm\\(%x.2, %\\d+\\)").matcher(text).find(), "what is used is what was profiled");
    }

    @Test void recordedTypesStandOnTheProfilesAndBecomeGuards() {
        String profiled = phase("profiled"), guarded = phase("guarded");
        assertTrue(profiled.contains("%x.2 : Tensor = prim::profile[profiled_type=Float(8, 10, strides=[10, 1], requires_grad=0, device=cpu)](%x.1)"), profiled);
        assertTrue(guarded.contains("%x.2 : Float(8, 10, strides=[10, 1], requires_grad=0, device=cpu) = prim::Guard(%x.1)"), guarded);
        assertEquals(count("prim::profile", profiled), count("prim::Guard", guarded));
    }

    @Test void twoProductsAndOneFusionGroupAreLeft() {
        assertEquals(0, count("prim::(Guard|TypeCheck|If)", phase("specialised")), "the types of the inputs prove all others");
        String text = phase("optimized");
        assertEquals(2, count("aten::mm\\(", text));
        assertEquals(1, count("with prim::FusionGroup_\\d+ = graph\\(", text));
        assertTrue(Pattern.compile("%\\d+ : [^%]*%\\d+ : [^%]*= prim::FusionGroup_2\\(").matcher(text).find(), "two outputs");
        String group = text.substring(text.indexOf("with prim::FusionGroup_2"));
        assertEquals(1, count("aten::chunk", group), "the chunk is inside");
        assertEquals(9, count("aten::(sigmoid|tanh|mul|add)\\(", group));
    }

    @Test void theChunkIsAnIndexMapOfTheKernel() {
        String text = phase("kernels");
        assertTrue(text.contains("for [8, 20]\n"), text);
        for (int offset = 0; offset < 80; offset += 20) assertTrue(text.contains("FLOAT32@" + offset + "[80, 1]\n"), text);
        assertEquals(2, count("result \\d: FLOAT32@0\\[20, 1\\] = ", text), "two results");
    }

    @Test void thePlanIsThreeSteps() {
        List<String> lines = phase("plan").lines().toList();
        assertEquals("prim::StaticSubgraph_0:", lines.getFirst());
        assertTrue(lines.get(1).matches("block of \\d+ bytes"), lines.toString());
        assertTrue(lines.getLast().startsWith("fused chunk sigmoid sigmoid tanh sigmoid mul mul add tanh mul ["), lines.toString());
        assertEquals(5, lines.size(), lines.toString());
    }

    @Test void showsAnyMethodForImagesAndWordsToo() {
        String text = inspect("executor", List.of("f32[4,3]", "0.5"), "--method", "scaled", "--phase", "optimized");
        assertTrue(text.contains("%x.1 : Float(4, 3, strides=[3, 1], device=cpu)"), text);
        String digits = inspect("digits", List.of(), "--phase", "specialised", "--eval", "--image", Cli.folder("digits").resolve("one.png").toString(),
            "--size", "8", "--channels", "1");
        assertTrue(digits.contains("Float(1, 1, 8, 8, "), digits);
        assertTrue(inspect("executor", List.of(), "--method", "scaled", "--phase", "profiling").contains("prim::profile"), "needs no inputs");
    }

    @Test void saysWhatIsWrong() {
        fails(2, "no phase 'fused'; the phases are inlined, profiling, profiled, guarded, specialised, optimized, plan, kernels", List.of(), "--phase", "fused");
        fails(2, "give the inputs after the model, as for 'cresset run', for scaled(Tensor x, float factor)", List.of(), "--method", "scaled", "--phase", "profiled");
        fails(2, "no method 'nix'", List.of("3"), "--method", "nix", "--phase", "plan");
        fails(2, "inputs are for --phase", List.of("forward", "f32[1]"), "--graph");
    }

    private static void fails(int code, String sentence, List<String> inputs, String... options) {
        Cli run = run("executor", inputs, options);
        assertEquals(code, run.code(), run.err());
        assertTrue(run.err().contains(sentence), run.err());
    }
}
