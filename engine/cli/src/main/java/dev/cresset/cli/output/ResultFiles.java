package dev.cresset.cli.output;

import dev.cresset.cli.data.Npy;
import dev.cresset.cli.data.Npz;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Saves the tensors of a result under names that say where they are: {@code result}, {@code result.0},
 * {@code result.key}. Numbers become arrays of no dimension; strings and None have no array form and are left out.
 */
public final class ResultFiles {
    private ResultFiles() {}

    /** Writes to an {@code .npz} file, a single {@code .npy}, or a folder of such; returns the names written. */
    public static List<String> save(Object result, Path target) throws IOException {
        Map<String, Tensor> arrays = arrays(result);
        String name = target.getFileName().toString();
        if (target.toAbsolutePath().getParent() != null) Files.createDirectories(target.toAbsolutePath().getParent());
        if (name.endsWith(".npz")) {
            Npz.write(target, arrays);
        } else if (name.endsWith(".npy")) {
            if (arrays.size() != 1) {
                throw new IllegalArgumentException("the result holds " + arrays.size()
                    + " tensors, a .npy file one; save to a folder or an .npz file");
            }
            Files.write(target, Npy.write(arrays.values().iterator().next()));
        } else {
            Files.createDirectories(target);
            for (Map.Entry<String, Tensor> a : arrays.entrySet()) {
                Files.write(target.resolve(a.getKey().replaceAll("[/\\\\\\x00]", "_") + ".npy"),
                    Npy.write(a.getValue()));
            }
        }
        return List.copyOf(arrays.keySet());
    }

    static Map<String, Tensor> arrays(Object result) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        collect("result", result, out);
        return out;
    }

    private static void collect(String name, Object value, Map<String, Tensor> out) {
        switch (value) {
            case Tensor t -> out.put(name, t);
            case Long v -> out.put(name, Tensor.of(new long[] {v}));
            case Double v -> out.put(name, Tensor.of(new double[] {v}));
            case Boolean v -> out.put(name, Tensor.of(new long[] {v ? 1 : 0}));
            case ScriptTuple t when t.fields() != null -> {
                for (int i = 0; i < t.size(); i++) collect(name + "." + t.fields().get(i), t.get(i), out);
            }
            case List<?> l -> {
                for (int i = 0; i < l.size(); i++) collect(name + "." + i, l.get(i), out);
            }
            case Map<?, ?> m -> m.forEach((k, v) -> collect(name + "." + k, v, out));
            case ScriptObject o -> o.type().attributes().forEach(a -> collect(name + "." + a.name(), o.get(a.name()),
                out));
            case null, default -> { }
        }
    }
}
