package dev.cresset.ir.archive;

import dev.cresset.ir.archive.pickle.PickleDict;
import dev.cresset.ir.archive.pickle.PickleList;
import dev.cresset.ir.archive.pickle.PickleObject;
import dev.cresset.ir.archive.pickle.PickleTuple;
import dev.cresset.ir.archive.pickle.StoredTensor;
import dev.cresset.ir.diag.ArchiveException;
import dev.cresset.ir.graph.Source;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The content of an archive before PyTorch 1.4 ({@code model.json}), in the form of newer ones: a root object, and a
 * class for each module.
 *
 * @param root    the main module
 * @param tensors the archive's table of tensors, to which {@code CONSTANTS.c0} and so on refer
 * @param classes of all modules, by name
 */
public record LegacyModel(PickleObject root, List<StoredTensor> tensors, Map<String, LegacyClass> classes) {
    static final String RECORD = "model.json";
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z_0-9]*");

    static LegacyModel read(Archive archive) {
        Json json = new Json(new String(archive.read(RECORD), StandardCharsets.UTF_8));
        Fields model;
        try {
            model = Fields.of(json.read(), "the model");
        } catch (IllegalArgumentException e) {
            throw new ArchiveException(RECORD, json.position(), e.getMessage(), e);
        }
        try {
            return new Reader(archive, model).read();
        } catch (IllegalArgumentException e) {
            throw new ArchiveException(RECORD, 0, e.getMessage(), e);
        }
    }

    /** Turns the module definitions into objects and classes. */
    private static final class Reader {
        private final Archive archive;
        private final Fields model;
        private final List<StoredTensor> tensors = new ArrayList<>();
        private final Map<String, LegacyClass> classes = new LinkedHashMap<>();
        private List<Object> attributes = List.of();

        Reader(Archive archive, Fields model) {
            this.archive = archive;
            this.model = model;
        }

        LegacyModel read() {
            for (Fields t : model.objects("tensors")) tensors.add(LegacyTensors.tensor(archive, t));
            if (archive.has("attributes.pkl")) attributes = attributeTable();
            Fields main = Fields.of(model.get("mainModule"), "the main module");
            PickleObject root = module(main, "__torch__." + atom(main.string("name").orElse("model")));
            return new LegacyModel(root, List.copyOf(tensors), Map.copyOf(classes));
        }

        private List<Object> attributeTable() {
            return switch (archive.pickle("attributes.pkl", "tensors/", tensors)) {
                case PickleTuple t -> t.items();
                case PickleList l -> l.items();
                case null, default -> throw new ArchiveException("attributes.pkl", 0,
                        "the attributes are neither a tuple nor a list");
            };
        }

        /** Recursion is bounded by the depth of the JSON text. */
        private PickleObject module(Fields def, String wantedName) {
            String name = wantedName;
            for (int n = 1; classes.containsKey(name); n++) name = wantedName + "_" + n;
            Map<String, String> types = new LinkedHashMap<>();
            Set<String> parameters = new LinkedHashSet<>();
            Set<String> buffers = new LinkedHashSet<>();
            PickleDict state = new PickleDict();
            // Before the submodules are read, so that their names cannot be the same.
            classes.put(name, new LegacyClass(name, code(def), types, parameters, buffers, setState(def)));
            for (Fields p : def.objects("parameters")) {
                String attribute = define(types, p, "Tensor");
                (Boolean.TRUE.equals(p.get("isBuffer")) ? buffers : parameters).add(attribute);
                state.put(attribute, pick(tensors, p.integer("tensorId", 0), "tensor"));
            }
            for (Fields a : def.objects("attributes")) attribute(a, types, state);
            for (Fields m : def.objects("submodules")) {
                PickleObject child = module(m, name + "." + atom(m.string("name").orElse("")));
                state.put(define(types, m, child.className()), child);
            }
            PickleObject object = new PickleObject(name);
            object.build(state);
            return object;
        }

        private Optional<LegacyClass.SetState> setState(Fields def) {
            if (def.get("getStateAttributeId") == null) return Optional.empty();
            return Optional.of(new LegacyClass.SetState(
                    pick(attributes, def.integer("getStateAttributeId", 0), "attribute")));
        }

        private void attribute(Fields def, Map<String, String> types, PickleDict state) {
            // Some buffers are listed as attributes too.
            if (types.containsKey(def.string("name").orElse(""))) return;
            String name = define(types, def, def.string("type").orElse("Tensor"));
            long id = def.integer("id", 0);
            // Attributes without a value get theirs from __setstate__.
            state.put(name, id < 0 ? null : pick(attributes, id, "attribute"));
        }

        private static String define(Map<String, String> types, Fields item, String type) {
            String name = item.string("name").orElseThrow(() -> new IllegalArgumentException("a module's member has "
                    + "no name"));
            if (types.put(name, type) != null) {
                throw new IllegalArgumentException("a module has two members named '" + name + "'");
            }
            return name;
        }

        private static <T> T pick(List<T> table, long index, String what) {
            if (index >= 0 && index < table.size()) return table.get((int) index);
            throw new IllegalArgumentException("a module refers to " + what + " " + index + " of a table of "
                    + table.size());
        }

        private Optional<Source> code(Fields def) {
            Optional<String> record = def.key("torchscriptArena");
            if (record.isEmpty()) return Optional.empty();
            Source plain = archive.source(record.get());
            return Optional.of(def.key("torchscriptDebugArena").filter(archive::has)
                    .map(debug -> new Source(plain.name(), plain.text(),
                    SourceMap.lazily(() -> SourceMap.read(debug, archive.read(debug), plain.text())))).orElse(plain));
        }

        /** Module names such as {@code 0} made fit for a qualified name. */
        private static String atom(String name) {
            if (IDENTIFIER.matcher(name).matches()) return name;
            return "_" + name.replaceAll("[^A-Za-z_0-9]", "_");
        }
    }
}
