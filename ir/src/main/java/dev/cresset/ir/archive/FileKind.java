package dev.cresset.ir.archive;

import dev.cresset.ir.diag.ArchiveException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Recognises files that people take for TorchScript archives, and says what to do about them. */
final class FileKind {
    private static final String EXPORT = "export it: torch.jit.script(model) or torch.jit.trace(model, example), "
            + "then .save(file)";
    private static final int HEAD = 512;

    /** By how files begin (ISO Latin 1), in the order in which they are tried. */
    private static final List<Map.Entry<String, String>> BEGINNINGS = List.of(
            Map.entry("\u0080\u0002", "this is a Python pickle written by torch.save, with weights but without a "
                    + "program; load it in Python and " + EXPORT),
            Map.entry("\u0080", "this is a Python pickle, with data but without a program; load the model in Python "
                    + "and " + EXPORT),
            Map.entry("PYTORCH1", "this is the preview format of PyTorch 1.0, which no PyTorch reads any more; save "
                    + "the model again with a newer one"),
            Map.entry("\u0089HDF", "this is an HDF5 file (a Keras model perhaps), not a TorchScript archive"),
            Map.entry("GGUF", "this is a GGUF file with weights but without a program, not a TorchScript archive"),
            Map.entry("\u001f\u008b", "this is a gzip file; unpack it first"),
            Map.entry("version https://git-lfs", "this is a Git LFS pointer, not the model itself; fetch the model "
                    + "with git lfs pull"),
            Map.entry("<", "this is a web page or XML file, not a TorchScript archive; check how it was downloaded"),
            Map.entry("{", "this is a JSON file, not a TorchScript archive"),
            Map.entry("\u007fELF", "this is a native program or library, not a TorchScript archive"));

    private FileKind() {}

    /** Throws if the bytes are not those of a zip file. */
    static void rejectForeign(MemorySegment file, String name) {
        if (file.byteSize() == 0) throw fail(name, "the file is empty; copy or download it again");
        String head = head(file);
        if (head.startsWith("PK")) return;
        for (var kind : BEGINNINGS) if (head.startsWith(kind.getKey())) throw fail(name, kind.getValue());
        if (head.startsWith("PTMF", 4)) {
            throw fail(name, "this is a mobile model in flatbuffer form, without code; save it with "
                    + "_save_for_lite_interpreter(file, _use_flatbuffer=False) or as an ordinary TorchScript archive");
        }
        if (head.startsWith("ustar", 257)) {
            throw fail(name, "this is a tar file; unpack it, or, if torch.save wrote it, load it in Python and "
                    + EXPORT);
        }
        if (head.startsWith("{\"", 8)) {
            throw fail(name, "this is a safetensors file, with weights but without a program; load it in Python and "
                    + EXPORT);
        }
        if (head.startsWith("\b") && head.indexOf('\u0012') == 2 && head.contains("pytorch")) {
            throw fail(name, "this is an ONNX model, not a TorchScript archive; export the PyTorch model with "
                    + "torch.jit.save");
        }
        // Zip files may have something before them.
        if (head.chars().limit(4).allMatch(c -> c == 0)) {
            throw fail(name, "the file begins with zeros; it is damaged, copy or download it again");
        }
    }

    private static String head(MemorySegment file) {
        byte[] bytes = file.asSlice(0, Math.min(HEAD, file.byteSize())).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Throws if a zip file is not a TorchScript archive. */
    static void rejectForeignZip(ZipEntries zip, String name) {
        if (zip.has("model.json") && !zip.root().isEmpty()) return;
        boolean program = zip.has("constants.pkl") || zip.names().stream().anyMatch(n -> n.startsWith("code/"));
        if (zip.has("data.pkl") && !program) {
            throw fail(name, "this file was written by torch.save: it has weights or a state dict, but no program; "
                    + "load it in Python and " + EXPORT);
        }
        if (zip.has("data.pkl") && (zip.has("version") || zip.has(".data/version"))) return;
        if (zip.has("data.pkl")) {
            throw fail(name, "the zip file has a model but no version record; it is damaged or was repacked "
                    + "incompletely");
        }
        throw fail(name, otherZip(zip));
    }

    private static String otherZip(ZipEntries zip) {
        String all = zip.root() + "\n" + String.join("\n", zip.names().subList(0, Math.min(1000, zip.names().size())));
        if (all.contains("archive_format") || all.contains("serialized_exported_program.json")) {
            return "this is a model of torch.export (.pt2), not a TorchScript archive; " + EXPORT;
        }
        if (all.contains("MAR-INF")) return "this is a TorchServe .mar file; unpack it and give the model file in it";
        if (all.contains(".npy")) return "this is a NumPy .npz file with arrays, not a TorchScript archive";
        if (all.contains("META-INF/MANIFEST.MF")) return "this is a Java archive, not a TorchScript archive";
        if (all.contains(".pt\n") || all.endsWith(".pt")) {
            return "this zip file holds a .pt file; unpack it and give that file";
        }
        return "this zip file is not a TorchScript archive: there is no data.pkl below its first folder '"
                + zip.root() + "'; if it was repacked, keep everything in one folder";
    }

    private static ArchiveException fail(String name, String sentence) {
        return new ArchiveException(name, -1, sentence);
    }
}
