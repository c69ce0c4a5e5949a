package dev.cresset.cli.doctor;

import dev.cresset.cli.doctor.Finding.State;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Looks for the libraries that running on an NVIDIA device needs. Nothing is loaded. */
final class CudaLibraries {
    private static final String NOT_YET = " (this version of Cresset does not use it yet)";

    private final List<Path> folders = folders();

    List<Finding> find() {
        return List.of(library("CUDA driver", "libcuda.so.1", "install the NVIDIA driver"),
            library("NVRTC", "libnvrtc.so", "install CUDA's package cuda-nvrtc"),
            library("cuBLAS", "libcublas.so", "install CUDA's package libcublas"),
            library("cuDNN", "libcudnn.so", "install NVIDIA's package libcudnn9-cuda"));
    }

    private Finding library(String name, String prefix, String advice) {
        return search(prefix).map(p -> new Finding(name, State.OK, p + NOT_YET))
            .orElseGet(() -> new Finding(name, State.MISSING, prefix + " not found: " + advice + NOT_YET));
    }

    private Optional<Path> search(String prefix) {
        for (Path folder : folders) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, prefix + "*")) {
                for (Path file : found) return Optional.of(file);
            } catch (IOException _) {
                // a folder that cannot be read holds nothing for us
            }
        }
        return Optional.empty();
    }

    private static List<Path> folders() {
        Set<String> names = new LinkedHashSet<>();
        String path = System.getenv("LD_LIBRARY_PATH");
        if (path != null) names.addAll(List.of(path.split(":")));
        for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
            String home = System.getenv(variable);
            if (home != null) names.addAll(List.of(home + "/lib64", home + "/lib", home + "/targets/x86_64-linux/lib"));
        }
        names.addAll(List.of("/usr/local/cuda/lib64", "/usr/local/cuda/targets/x86_64-linux/lib", "/opt/cuda/lib64",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/lib/wsl/lib", "/usr/local/lib"));
        List<Path> out = new ArrayList<>();
        names.stream().filter(n -> !n.isBlank()).map(Path::of).filter(Files::isDirectory).forEach(out::add);
        try (DirectoryStream<Path> versions = Files.newDirectoryStream(Path.of("/usr/local"), "cuda-*")) {
            for (Path v : versions) if (Files.isDirectory(v.resolve("lib64"))) out.add(v.resolve("lib64"));
        } catch (IOException _) {
            // no /usr/local: nothing to add
        }
        return out;
    }
}
