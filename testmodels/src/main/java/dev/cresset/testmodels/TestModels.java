package dev.cresset.testmodels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The committed case folders (a model, its inputs and the outputs PyTorch computed), as paths for tests. */
public final class TestModels implements AutoCloseable {

    private static final String CASE_FILE = "/case.json";

    private final Path root;
    private final boolean extracted;
    private final Set<String> copied = new HashSet<>();

    private TestModels(Path root, boolean extracted) {
        this.root = root;
        this.extracted = extracted;
    }

    /**
     * Finds the case folders. When this class comes from a jar, a folder is copied to a temporary place when it is first
     * asked for, which {@link #close} deletes; otherwise they are used where they lie.
     *
     * @return the folders, to be closed by the caller
     * @throws IOException if the resources cannot be read
     */
    public static TestModels open() throws IOException {
        URL index = TestModels.class.getResource("index.txt");
        if (index == null) {
            throw new NoSuchFileException("dev/cresset/testmodels/index.txt", null,
                    "looking for the test models on the class path: put cresset-testmodels' resources there");
        }
        if (index.getProtocol().equals("file")) {
            return new TestModels(Path.of(uri(index)).getParent(), false);
        }
        return new TestModels(Files.createTempDirectory("cresset-testmodels"), true);
    }

    /**
     * Names all case folders.
     *
     * @return the names in alphabetical order, for example {@code digits} or {@code opcases/reductions}
     * @throws IOException if the index cannot be read
     */
    public static List<String> names() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        for (String file : files()) {
            if (file.endsWith(CASE_FILE)) {
                names.add(file.substring(0, file.length() - CASE_FILE.length()));
            }
        }
        return List.copyOf(names);
    }

    /**
     * Locates one case folder.
     *
     * @param name one of {@link #names()}
     * @return the folder that holds {@code case.json} and the model
     * @throws IllegalArgumentException if there is no such folder
     */
    public Path folder(String name) {
        copyBelow(name + "/");
        Path folder = root.resolve(name);
        if (!Files.isRegularFile(folder.resolve("case.json"))) {
            throw new IllegalArgumentException(
                    "Looking for the test model '" + name + "': there is no case.json in " + folder
                            + ". TestModels.names() lists what there is.");
        }
        return folder;
    }

    /**
     * The folder above all case folders.
     *
     * @return a folder as {@code cresset verify} takes it
     */
    public Path root() {
        copyBelow("");
        return root;
    }

    /** Deletes the temporary copy, if one was made. */
    @Override
    public void close() throws IOException {
        if (!extracted) {
            return;
        }
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static List<String> files() throws IOException {
        try (InputStream in = resource("index.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private synchronized void copyBelow(String prefix) {
        if (!extracted) {
            return;
        }
        try {
            for (String file : files()) {
                if (file.startsWith(prefix) && copied.add(file)) {
                    copy(file, root);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(String file, Path root) throws IOException {
        Path target = root.resolve(file);
        Files.createDirectories(target.getParent());
        try (InputStream in = resource(file)) {
            Files.copy(in, target);
        }
    }

    private static InputStream resource(String name) throws IOException {
        InputStream in = TestModels.class.getResourceAsStream(name);
        if (in == null) {
            throw new NoSuchFileException("dev/cresset/testmodels/" + name, null,
                    "it is listed in index.txt but not on the class path: run testmodels/scripts/index.py");
        }
        return in;
    }

    private static URI uri(URL url) {
        try {
            return url.toURI();
        } catch (URISyntaxException e) {
            throw new UncheckedIOException(new IOException("The class path entry " + url + " is no valid URI.", e));
        }
    }
}
