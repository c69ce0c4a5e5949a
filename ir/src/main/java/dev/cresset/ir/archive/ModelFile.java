package dev.cresset.ir.archive;

import dev.cresset.ir.archive.pickle.PickleObject;
import dev.cresset.ir.archive.pickle.StoredStorage;
import dev.cresset.ir.archive.pickle.Unpickler;
import dev.cresset.ir.diag.ArchiveException;
import dev.cresset.ir.graph.Source;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a loader needs of a model file, in one form for every generation of archives. */
public final class ModelFile implements AutoCloseable {
    /**
     * The generations: before PyTorch 1.4, since then, and for the lite interpreter (with bytecode beside the code).
     */
    public enum Kind { LEGACY, TORCHSCRIPT, MOBILE }

    private final Archive archive;
    private final Kind kind;
    private final PickleObject root;
    private final List<?> constants;
    private final Map<String, LegacyClass> legacyClasses;

    private ModelFile(Archive archive, Kind kind, PickleObject root, List<?> constants,
            Map<String, LegacyClass> legacyClasses) {
        this.archive = archive;
        this.kind = kind;
        this.root = root;
        this.constants = constants;
        this.legacyClasses = legacyClasses;
    }

    /**
     * Opens a file and reads everything but code, weights and debug records.
     *
     * @throws ArchiveException if it is no good; the message says why and what to do
     */
    public static ModelFile open(Path file) { return of(Archive.open(file)); }

    /** As above for bytes in memory. @param name how errors name them */
    public static ModelFile open(byte[] bytes, String name) { return of(Archive.open(bytes, name)); }

    /** Reads an open archive, which is closed with this. */
    public static ModelFile of(Archive archive) {
        if (archive.has("data.pkl")) {
            if (!(archive.pickle("data.pkl", "data/") instanceof PickleObject root)) {
                throw new ArchiveException("data.pkl", 0, "the archive holds plain data instead of a module");
            }
            Kind kind = archive.has("bytecode.pkl") ? Kind.MOBILE : Kind.TORCHSCRIPT;
            return new ModelFile(archive, kind, root, archive.constants(), Map.of());
        }
        LegacyModel legacy = LegacyModel.read(archive);
        return new ModelFile(archive, Kind.LEGACY, legacy.root(), legacy.tensors(), legacy.classes());
    }

    public Archive archive() { return archive; }

    public Kind kind() { return kind; }

    /** The version of the operators' meaning, 1 to 10. */
    public int version() { return archive.version(); }

    /** The main module. Values are as {@link Unpickler} describes them. */
    public PickleObject root() { return root; }

    /** What {@code CONSTANTS.c0}, {@code CONSTANTS.c1} and so on in code refer to; may contain {@code null}. */
    public List<?> constants() { return constants; }

    /** The source text of what is directly in a namespace, see {@link Archive#code}. */
    public Optional<Source> code(String namespace) { return archive.code(namespace); }

    /**
     * The source text in which a class or function is defined: for {@code __torch__.a.b.C} that of the namespace
     * {@code __torch__.a.b}.
     */
    public Optional<Source> codeDefining(String qualifiedName) {
        int dot = qualifiedName.lastIndexOf('.');
        return dot < 0 ? Optional.empty() : code(qualifiedName.substring(0, dot));
    }

    /** The class made up for a module; only archives of the kind {@link Kind#LEGACY} have such. */
    public Optional<LegacyClass> legacyClass(String qualifiedName) {
        return Optional.ofNullable(legacyClasses.get(qualifiedName));
    }

    /** The bytes of a storage, see {@link Archive#data}. */
    public MemorySegment data(StoredStorage storage) { return archive.data(storage); }

    /** The names of the files that the user put in. */
    public List<String> extraFiles() { return archive.extraFiles(); }

    /** A file that the user put in. */
    public byte[] extraFile(String name) { return archive.read("extra/" + name); }

    @Override public void close() { archive.close(); }
}
