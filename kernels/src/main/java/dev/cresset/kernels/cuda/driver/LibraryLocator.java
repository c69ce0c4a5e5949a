package dev.cresset.kernels.cuda.driver;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * Chooses the file of each library: all of one version of CUDA, 12 before 13, because the natives are made for 12; where both are there,
 * that which cuDNN is made for, whose file has the same name for both.
 * A file can be named by property ({@code cresset.cuda.driver}, {@code .nvrtc}, {@code .cublaslt}, {@code .cublas}, {@code .cudnn}); the
 * property {@code cresset.cuda.emulation} names a folder with emulated libraries, and nothing else is then looked at.
 */
record LibraryLocator(int major, Map<Library, Path> found) {
    static LibraryLocator ofThisMachine() {
        String emulation = System.getProperty("cresset.cuda.emulation");
        return emulation == null ? choose(LibraryFolders.ofThisMachine(), Library::majorOfDnn) : emulated(Path.of(emulation));
    }

    private static LibraryLocator emulated(Path folder) {
        Map<Library, Path> found = new EnumMap<>(Library.class);
        for (Library l : Library.values()) {
            Path file = folder.resolve(l.file(12)).toAbsolutePath();
            if (Files.isRegularFile(file)) found.put(l, file);
        }
        return new LibraryLocator(12, found);
    }

    /** @param majorOfDnn of a file of cuDNN: the version of CUDA that it is made for, 0 if it does not say */
    static LibraryLocator choose(LibraryFolders folders, ToIntFunction<Path> majorOfDnn) {
        List<LibraryLocator> all = Library.MAJORS.stream().map(m -> of(m, folders)).toList();
        LibraryLocator best = all.getFirst();
        for (LibraryLocator l : all) if (l.versioned() > best.versioned()) best = l;
        long most = best.versioned();
        List<LibraryLocator> equal = all.stream().filter(l -> l.versioned() == most).toList();
        Path dnn = best.found.get(Library.CUDNN);
        if (most == 0 || equal.size() == 1 || dnn == null) return best;
        int wanted = majorOfDnn.applyAsInt(dnn);
        return equal.stream().filter(l -> l.major == wanted).findFirst().orElse(best);
    }

    private static LibraryLocator of(int major, LibraryFolders folders) {
        Map<Library, Path> found = new EnumMap<>(Library.class);
        for (Library l : Library.values()) {
            Optional<Path> file = l.named().isPresent() ? l.named().map(Path::of).filter(Files::isRegularFile)
                : folders.find(l.file(major));
            file.ifPresent(f -> found.put(l, f.toAbsolutePath()));
        }
        return new LibraryLocator(major, found);
    }

    private long versioned() { return found.keySet().stream().filter(Library::isVersioned).count(); }

    boolean isComplete() { return missing().isEmpty(); }

    List<Library> missing() { return java.util.Arrays.stream(Library.values()).filter(l -> !found.containsKey(l)).toList(); }

    /** A line for a library that was not found: its name, and what to install. */
    String absence(Library l) {
        return l.named().map(p -> l.title() + ": -D" + l.property() + " names " + p + ", and there is no such file")
            .orElseGet(() -> l.title() + ": " + l.file(major) + " not found; " + l.advice(major));
    }
}
