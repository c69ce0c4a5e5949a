package dev.cresset.cli.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A verification case: a model, and calls with the results that PyTorch computed. */
public record CaseFile(Path folder, Path model, boolean eval, Double rtol, Double atol, List<Session> sessions) {
    /** Calls in order on one freshly loaded module. */
    public record Session(String name, boolean random, boolean grad, List<Call> calls) {}

    /**
     * @param returns   the expected result, or null if the call raises
     * @param raises    the last line of PyTorch's error, or null
     * @param prints    what the program writes to standard output, or null
     * @param argsAfter the arguments after the call, or null
     */
    public record Call(String method, List<JsonNode> args, Map<String, JsonNode> kwargs, JsonNode returns,
        String raises,
                       String prints, List<JsonNode> argsAfter) {}

    /** All {@code case.json} below a path, sorted. */
    public static List<Path> find(Path path) throws IOException {
        if (Files.isRegularFile(path)) return List.of(path);
        try (Stream<Path> files = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(f -> f.getFileName().toString().equals("case.json")).sorted().toList();
        }
    }

    public static CaseFile read(Path file) throws IOException {
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        List<Session> sessions = new ArrayList<>();
        for (JsonNode s : json.path("sessions")) {
            List<Call> calls = new ArrayList<>();
            for (JsonNode c : s.path("calls")) calls.add(call(c));
            sessions.add(new Session(s.path("name").asText(""), s.path("random").asBoolean(false),
                s.path("grad").asBoolean(false), calls));
        }
        Path folder = file.toAbsolutePath().getParent();
        return new CaseFile(folder, folder.resolve(json.path("model").asText("model.pt")),
            json.path("eval").asBoolean(false),
            number(json, "rtol"), number(json, "atol"), sessions);
    }

    private static Double number(JsonNode json, String key) {
        return json.hasNonNull(key) ? json.get(key).asDouble() : null;
    }

    private static Call call(JsonNode c) {
        Map<String, JsonNode> kwargs = new LinkedHashMap<>();
        c.path("kwargs").properties().forEach(e -> kwargs.put(e.getKey(), e.getValue()));
        return new Call(c.path("method").asText("forward"), list(c.path("args")), kwargs, c.get("returns"),
            c.hasNonNull("raises") ? c.get("raises").asText() : null, c.hasNonNull("prints") ? c.get("prints").asText()
                : null,
            c.has("args_after") ? list(c.get("args_after")) : null);
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> out = new ArrayList<>();
        array.forEach(out::add);
        return out;
    }
}
