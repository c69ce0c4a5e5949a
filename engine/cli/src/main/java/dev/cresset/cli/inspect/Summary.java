package dev.cresset.cli.inspect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cresset.LoadReport;
import dev.cresset.Program;
import dev.cresset.ir.archive.ModelFile;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The most important facts of a model. */
public final class Summary {
    private static final int MAX_MISSING = 8;

    private Summary() {}

    public static String text(Path path, Program program) {
        ModelFile file = program.file();
        Weights weights = Weights.of(program.loaded().prototype());
        LoadReport report = program.report();
        StringBuilder out = new StringBuilder();
        line(out, "file", String.format(Locale.ROOT, "%s (%,d bytes)", path, path.toFile().length()));
        line(out, "kind", kind(file) + ", version " + file.version());
        line(out, "class", program.mainClass().name());
        line(out, "weights", String.format(Locale.ROOT, "%,d parameters, %,d elements of buffers, %,d bytes",
            weights.parameters(), weights.buffers(),
            weights.bytes()));
        List<String> methods = program.methods();
        for (int i = 0; i < methods.size(); i++) line(out, i == 0 ? "methods" : "",
            signature(methods.get(i), program.schema(methods.get(i))));
        if (methods.isEmpty()) line(out, "methods", "none");
        line(out, "operators", operators(report));
        if (!file.extraFiles().isEmpty()) line(out, "extra files", String.join(", ", file.extraFiles()));
        return out.toString();
    }

    private static void line(StringBuilder out, String name, String text) {
        out.append(String.format("%-12s", name)).append(text).append('\n');
    }

    private static String kind(ModelFile file) {
        return switch (file.kind()) {
            case LEGACY -> "TorchScript as before PyTorch 1.4 (model.json)";
            case TORCHSCRIPT -> "TorchScript";
            case MOBILE -> "TorchScript with byte code for the lite interpreter";
        };
    }

    /** {@code forward(Tensor image, int n=3) -> Tensor}, without {@code self}. */
    static String signature(String method, FunctionSchema schema) {
        String arguments = schema.arguments().stream().skip(1).map(Summary::argument).collect(Collectors.joining(", "));
        return method + "(" + arguments + ") -> " + schema.returns().stream().map(r -> r.type().annotation())
            .collect(Collectors.joining(", "));
    }

    private static String argument(Argument a) {
        return a.type().annotation() + " " + a.name() + (a.hasDefault() ? "="
            + (a.defaultValue() == null ? "None" : a.defaultValue()) : "");
    }

    private static String operators(LoadReport report) {
        List<LoadReport.Use> missing = report.missing();
        String names = missing.stream().limit(MAX_MISSING).map(LoadReport.Use::operator)
            .collect(Collectors.joining(", "));
        return report.operators().size() + (missing.isEmpty() ? ", all supported"
            : ", " + missing.size() + " not supported: " + names + (missing.size() > MAX_MISSING ? " …" : "")
                + " (--ops says where)")
            + (report.failures().isEmpty() ? "" : "; " + report.failures().size()
                + " functions do not compile (--ops says why)");
    }

    /** The same facts and the operators for programs. @param out is filled and returned */
    public static ObjectNode json(Path path, Program program, ObjectNode out) {
        ModelFile file = program.file();
        Weights weights = Weights.of(program.loaded().prototype());
        out.put("file", path.toString()).put("bytes", path.toFile().length())
            .put("kind", file.kind().toString().toLowerCase(Locale.ROOT))
            .put("version", file.version()).put("class", program.mainClass().name());
        out.put("parameters", weights.parameters()).put("buffers", weights.buffers())
            .put("weightBytes", weights.bytes());
        ObjectNode methods = out.putObject("methods");
        for (String m : program.methods()) methods.put(m, signature(m, program.schema(m)));
        LoadReport report = program.report();
        ArrayNode operators = out.putArray("operators");
        for (LoadReport.Use u : report.operators()) {
            operators.addObject().put("operator", u.operator()).put("calls", u.places().size())
                .put("supported", u.isSupported())
                .put("firstPlace", u.firstPlace());
        }
        ArrayNode failures = out.putArray("failures");
        for (LoadReport.Failure f : report.failures()) failures.addObject().put("function", f.function())
            .put("message", f.message());
        file.extraFiles().forEach(out.putArray("extraFiles")::add);
        return out;
    }
}
