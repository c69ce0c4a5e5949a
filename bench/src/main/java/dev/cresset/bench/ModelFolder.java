package dev.cresset.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where the benchmark's models are, and how they get there: {@code bench/scripts/make_models.py}, with PyTorch. */
final class ModelFolder {
    private ModelFolder() {}

    /** Makes the models and inputs that are missing. @throws IOException saying how to install PyTorch, if there is none */
    static void complete(Path folder, Path script, Map<BenchModel, List<String>> needed) throws IOException, InterruptedException {
        List<String> models = new ArrayList<>(), cases = new ArrayList<>();
        needed.forEach((model, labels) -> {
            Path own = folder.resolve(model.name());
            if (!Files.exists(own.resolve("model.pt"))) models.add(model.name());
            for (String label : labels) {
                if (Files.exists(own.resolve(label + ".out.npy"))) continue;
                cases.add("--case");
                cases.add(model.name() + ":" + label);
            }
        });
        if (models.isEmpty() && cases.isEmpty()) return;
        Files.createDirectories(folder);
        System.err.println("cresset bench: making models in " + folder + " (once)");
        List<String> command = new ArrayList<>(List.of(System.getenv().getOrDefault("CRESSET_PYTHON", "python3"), script.toString(), folder.toString()));
        command.addAll(models);
        command.addAll(cases);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.to(log(folder))).start();
        if (process.waitFor() != 0) {
            throw new IOException("the models could not be made: '" + String.join(" ", command.subList(0, 3)) + "' failed, see " + log(folder)
                + "; it needs PyTorch 1.13 and torchvision (Debian: python3-torch, python3-torchvision); CRESSET_PYTHON names another Python");
        }
    }

    private static java.io.File log(Path folder) { return folder.resolve("make_models.log").toFile(); }
}
