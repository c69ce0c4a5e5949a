package dev.cresset.cli.input;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cresset.cli.cases.CaseValues;
import dev.cresset.cli.image.ImageInput;
import dev.cresset.cli.image.ImageOptions;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.kernels.op.Generator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The arguments of a call, as the command line gives them. */
public record CallArguments(List<Object> positional, Map<String, Object> named) {
    /**
     * What is given on the command line.
     *
     * @param image  null for none; images come first
     * @param inputs as {@link InputParser} reads them, or {@code @file.json}
     * @param named  the same by name
     * @param seed   of random inputs
     */
    public record Given(ImageOptions image, List<String> inputs, Map<String, String> named, long seed) {
        public boolean isEmpty() { return image == null && inputs.isEmpty() && named.isEmpty(); }
    }

    /** Reads them, fitted to what the method declares. */
    public static CallArguments read(Given given, FunctionSchema schema) throws IOException {
        InputParser parser = new InputParser(new Generator(given.seed));
        List<Object> positional = new ArrayList<>();
        Map<String, Object> byName = new LinkedHashMap<>();
        if (given.image != null) positional.add(ImageInput.read(given.image));
        for (String input : given.inputs) {
            if (input.startsWith("@")) file(Path.of(input.substring(1)), positional, byName);
            else positional.add(parser.parse(input));
        }
        for (Map.Entry<String, String> a : given.named.entrySet()) byName.put(a.getKey(), parser.parse(a.getValue()));
        return new CallArguments(ArgumentFitter.fit(positional, schema), ArgumentFitter.fit(byName, schema));
    }

    private static void file(Path file, List<Object> positional, Map<String, Object> byName) throws IOException {
        if (!Files.isRegularFile(file)) throw new NoSuchFileException("input @" + file + ": there is no such file");
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        Path folder = file.toAbsolutePath().getParent();
        for (JsonNode v : json.isArray() ? json : json.path("args")) positional.add(CaseValues.argument(v, folder));
        for (Map.Entry<String, JsonNode> v : json.path("kwargs").properties()) byName.put(v.getKey(),
            CaseValues.argument(v.getValue(), folder));
    }
}
