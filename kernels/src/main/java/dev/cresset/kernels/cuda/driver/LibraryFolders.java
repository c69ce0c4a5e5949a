package dev.cresset.kernels.cuda.driver;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where CUDA's libraries may lie on this machine, in the order of search: the folders of the property
 * {@code cresset.cuda.path}; {@code CUDA_HOME} and {@code CUDA_PATH}; {@code LD_LIBRARY_PATH}; what the loader's cache
 * knows; {@code /usr/local/cuda*} and the system's folders; NVIDIA's Python wheels ({@code site-packages/nvidia/*}{@code /lib})
 * in the active environment, the user's and the system's.
 */
final class LibraryFolders {
    private static final List<String> IN_TOOLKIT = List.of("lib64", "lib", "targets/x86_64-linux/lib", "bin", "bin/x64");

    private final Map<String, String> environment;
    private final Path root;
    private final Set<Path> folders = new LinkedHashSet<>();
    private final Map<String, Path> cached;

    /** @param root stands for {@code /} in the paths that are the system's */
    LibraryFolders(Map<String, String> environment, Path root, Map<String, Path> loaderCache) {
        this.environment = environment;
        this.root = root;
        this.cached = loaderCache;
        for (String given : System.getProperty("cresset.cuda.path", "").split(File.pathSeparator)) {
            add(given);
            addToolkit(given);
        }
        for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) addToolkit(environment.get(variable));
        addAll(environment.get("LD_LIBRARY_PATH"));
        addAll(Library.isWindows() ? environment.get("PATH") : null);
        system();
        wheels();
    }

    static LibraryFolders ofThisMachine() {
        return new LibraryFolders(System.getenv(), Path.of("/"), loaderCache());
    }

    /** The first file of this name. */
    Optional<Path> find(String name) {
        for (Path folder : folders) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) return Optional.of(file);
        }
        return Optional.ofNullable(cached.get(name)).filter(Files::isRegularFile);
    }

    /** The folders that exist, in the order of search. */
    List<Path> folders() { return List.copyOf(folders); }

    private void system() {
        addToolkit(root.resolve("usr/local/cuda").toString());
        matching(root.resolve("usr/local"), "cuda-*").forEach(p -> addToolkit(p.toString()));
        addToolkit(root.resolve("opt/cuda").toString());
        for (String f : List.of("usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/lib", "usr/lib/wsl/lib", "usr/local/lib",
            "usr/local/nvidia/lib64", "usr/local/nvidia/lib")) {
            add(root.resolve(f).toString());
        }
    }

    private void wheels() {
        List<Path> prefixes = new ArrayList<>();
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            if (environment.get(variable) != null) prefixes.add(Path.of(environment.get(variable)));
        }
        for (String f : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
            Path bin = path(f).orElse(null);
            if (bin != null && bin.getParent() != null && Files.exists(bin.resolve("python3"))) prefixes.add(bin.getParent());
        }
        if (environment.get("HOME") != null) prefixes.add(Path.of(environment.get("HOME"), ".local"));
        for (String f : List.of("usr/local", "usr", "opt/conda")) prefixes.add(root.resolve(f));
        for (Path prefix : prefixes) {
            add(prefix.resolve("lib").toString());                 // conda puts the libraries themselves there
            Stream<Path> sites = Stream.concat(Stream.of(prefix.resolve("Lib"), prefix.resolve("lib/python3")),
                matching(prefix.resolve("lib"), "python3.*"));
            sites.flatMap(s -> Stream.of(s.resolve("site-packages"), s.resolve("dist-packages")))
                .flatMap(s -> matching(s.resolve("nvidia"), "*"))
                .forEach(w -> {
                    add(w.resolve("lib").toString());
                    add(w.resolve("bin").toString());
                });
        }
    }

    private void addToolkit(String home) {
        if (home != null && !home.isBlank()) for (String f : IN_TOOLKIT) path(home).ifPresent(h -> add(h.resolve(f).toString()));
    }

    private void addAll(String list) {
        if (list != null) for (String f : list.split(File.pathSeparator)) add(f);
    }

    private void add(String folder) {
        if (!folder.isBlank()) path(folder).filter(Files::isDirectory).ifPresent(folders::add);
    }

    private static Optional<Path> path(String text) {
        try {
            return Optional.of(Path.of(text));
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }

    /** Entries of a folder in a fixed order, the highest version first. */
    private static Stream<Path> matching(Path folder, String pattern) {
        List<Path> out = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
            found.forEach(out::add);
        } catch (IOException _) {
            // a folder that is not there or cannot be read holds nothing for us
        }
        out.sort(java.util.Comparator.comparing(Path::toString).reversed());
        return out.stream();
    }

    /** What {@code ldconfig -p} lists; empty where there is no such command. */
    private static Map<String, Path> loaderCache() {
        Map<String, Path> out = new java.util.HashMap<>();
        for (String command : List.of("/sbin/ldconfig", "/usr/sbin/ldconfig")) {
            if (!Files.isExecutable(Path.of(command))) continue;
            try {
                Process process = new ProcessBuilder(command, "-p").redirectErrorStream(true).start();
                try (var lines = process.inputReader().lines()) {
                    lines.filter(l -> l.contains(" => ") && l.contains("x86-64")).forEach(l -> {
                        String[] sides = l.strip().split(" => ");
                        out.putIfAbsent(sides[0].split(" ")[0], Path.of(sides[1].strip()));
                    });
                }
                process.waitFor(10, TimeUnit.SECONDS);
                return out;
            } catch (IOException _) {
                // as if there were none
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return out;
            }
        }
        return out;
    }
}
