package dev.cresset.runtime.load;

import dev.cresset.ir.archive.LegacyClass;
import dev.cresset.ir.archive.ModelFile;
import dev.cresset.ir.archive.pickle.PickleDict;
import dev.cresset.ir.archive.pickle.PickleEnum;
import dev.cresset.ir.archive.pickle.PickleList;
import dev.cresset.ir.archive.pickle.PickleObject;
import dev.cresset.ir.archive.pickle.PickleTuple;
import dev.cresset.ir.archive.pickle.QScheme;
import dev.cresset.ir.archive.pickle.StoredStorage;
import dev.cresset.ir.archive.pickle.StoredTensor;
import dev.cresset.ir.diag.ArchiveException;
import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.EnumType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.UnionType;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns the plain values of an archive into run-time values. What is one object in the archive becomes one object. */
final class ObjectBuilder {
    private static final String NATIVE_CLASS_PREFIX = "__torch__.torch.classes.";
    private static final String SET_STATE = "__setstate__";

    /** The types that values of an archive refer to by name, and running {@code __setstate__}. */
    interface Classes {
        Type resolve(String annotation);

        ClassType classType(String qualifiedName);

        EnumType enumType(String qualifiedName);

        void setState(ScriptObject object, Object state);

        /** For modules of the oldest archives: what {@code __setstate__} gets after the attributes have been set. */
        Optional<LegacyClass.SetState> legacyState(String className);
    }

    private final ModelFile file;
    private final Classes classes;
    private final DeviceWeights weights;
    private final Map<Object, Object> built = new IdentityHashMap<>();
    private final Map<StoredStorage, Storage> storages = new IdentityHashMap<>();

    /** @param weights where tensors go; null for the host */
    ObjectBuilder(ModelFile file, Classes classes, DeviceWeights weights) {
        this.weights = weights;
        this.file = file;
        this.classes = classes;
    }

    /** @param type what the value is declared as; ANY where nothing is known */
    Object build(Object stored, Type type) {
        return switch (stored) {
            case null -> null;
            case ScalarType t -> (long) t.code();
            case QScheme q -> (long) q.ordinal();
            case StoredTensor t -> once(t, () -> tensor(t));
            case PickleTuple t -> tuple(t, strip(type));
            case PickleEnum e -> enumMember(e);
            case PickleList l -> list(l, strip(type));
            case PickleDict d -> dict(d, strip(type));
            case PickleObject o -> object(o);
            default -> stored;
        };
    }

    /** Reads these storages anew if they are asked for again. */
    void forget(List<Storage> gone) {
        storages.values().removeAll(gone);
        built.values().removeIf(v -> v instanceof Tensor t && gone.contains(t.storage()));
    }

    /** What the code may find in {@code CONSTANTS.cN}: the value's own type. */
    static Type typeOf(Object value) {
        return switch (value) {
            case null -> SimpleType.NONE;
            case Long _ -> SimpleType.INT;
            case Double _ -> SimpleType.FLOAT;
            case Boolean _ -> SimpleType.BOOL;
            case String _ -> SimpleType.STR;
            case dev.cresset.ir.type.Complex _ -> SimpleType.COMPLEX;
            case dev.cresset.ir.type.Device _ -> SimpleType.DEVICE;
            case Tensor _ -> TensorType.ANY;
            case ScriptList l -> new ListType(l.elementType());
            case ScriptDict d -> new DictType(d.keyType(), d.valueType());
            case ScriptTuple t -> TupleType.of(t.stream().map(ObjectBuilder::typeOf).toList());
            case ScriptObject o -> o.type();
            case EnumMember m -> m.type();
            default -> SimpleType.ANY;
        };
    }

    private interface Maker { Object make(); }

    private Object once(Object stored, Maker maker) {
        Object known = built.get(stored);
        if (known == null) built.put(stored, known = maker.make());
        return known;
    }

    private static Type strip(Type type) { return type instanceof OptionalType o ? o.element() : type; }

    private Tensor tensor(StoredTensor t) {
        if (t.quantizer().isPresent()) {
            throw new UnsupportedException("quantized tensors are not supported yet: the archive holds " + t,
                List.of("aten::dequantize"));
        }
        Storage storage = storages.computeIfAbsent(t.storage(), this::storage);
        Tensor tensor = new Tensor(storage, t.dtype(), t.offset(), t.sizes(), t.strides());
        tensor.setRequiresGrad(t.requiresGrad());
        if (t.isConjugate() || t.isNegative()) throw new UnsupportedException("lazily conjugated tensors are not supported: " + t, List.of("aten::conj"));
        return tensor;
    }

    private Storage storage(StoredStorage s) {
        if (s.isMeta()) return Storage.meta();
        MemorySegment data = file.data(s);
        return weights == null ? Storage.readOnly(data) : weights.put(data);
    }

    private Object tuple(PickleTuple stored, Type type) {
        TupleType tuple = type instanceof TupleType t && t.elements().size() == stored.size() ? t : null;
        Object[] items = new Object[stored.size()];
        for (int i = 0; i < items.length; i++) items[i] = build(stored.get(i), tuple == null ? SimpleType.ANY : tuple.elements().get(i));
        return new ScriptTuple(tuple == null ? null : tuple.fields(), items);
    }

    private Object list(PickleList stored, Type type) {
        return once(stored, () -> {
            Type declared = stored.type().map(classes::resolve).map(ObjectBuilder::strip).orElse(type);
            Type element = declared instanceof ListType l ? l.element() : memberOf(type, stored);
            ScriptList list = new ScriptList(element);
            for (Object item : stored.items()) list.add(build(item, element));
            return list;
        });
    }

    /** The element type of a list that does not say it: from a union's list, or from the first item. */
    private static Type memberOf(Type type, PickleList stored) {
        if (type instanceof UnionType u) {
            for (Type m : u.members()) if (m instanceof ListType l) return l.element();
        }
        Object first = stored.items().isEmpty() ? null : stored.items().getFirst();
        return first instanceof StoredTensor ? TensorType.ANY : first == null ? SimpleType.ANY : typeOf(first);
    }

    private Object dict(PickleDict stored, Type type) {
        return once(stored, () -> {
            Type declared = stored.type().map(classes::resolve).orElse(type);
            DictType d = declared instanceof DictType t ? t : new DictType(SimpleType.STR, SimpleType.ANY);
            ScriptDict dict = new ScriptDict(d.key(), d.value());
            for (int i = 0; i < stored.size(); i++) dict.put(build(stored.key(i), d.key()), build(stored.value(i), d.value()));
            return dict;
        });
    }

    private EnumMember enumMember(PickleEnum stored) {
        EnumType type = classes.enumType(stored.className());
        Object value = build(stored.value(), type.valueType());
        for (Map.Entry<String, Object> m : type.members().entrySet()) {
            if (m.getValue().equals(value)) return new EnumMember(type, m.getKey());
        }
        throw new ArchiveException("data.pkl", -1, "enum " + stored.className() + " has no member of value " + value);
    }

    private Object object(PickleObject stored) {
        Object known = built.get(stored);
        if (known != null) return known;
        if (stored.className().startsWith(NATIVE_CLASS_PREFIX)) return nativeObject(stored);
        ClassType type = classes.classType(stored.className());
        ScriptObject object = new ScriptObject(type);
        built.put(stored, object);
        Optional<LegacyClass.SetState> legacy = classes.legacyState(stored.className());
        Optional<ScriptFunction> setState = type.method(SET_STATE);
        if (legacy.isPresent()) {
            setAttributes(object, stored);
            classes.setState(object, build(legacy.get().value(), stateType(setState.orElseThrow())));
        } else if (setState.isPresent() && type.method("__getstate__").isPresent()) {
            classes.setState(object, build(stored.state(), stateType(setState.get())));
        } else {
            setAttributes(object, stored);
        }
        return object;
    }

    private static Type stateType(ScriptFunction setState) {
        var arguments = setState.schema().arguments();
        return arguments.size() > 1 ? arguments.get(1).type() : SimpleType.ANY;
    }

    private void setAttributes(ScriptObject object, PickleObject stored) {
        if (!(stored.state() instanceof PickleDict dict)) {
            throw new ArchiveException("data.pkl", -1, "an object of class " + stored.className() + " has no attributes");
        }
        Map<String, Object> values = dict.byName();
        for (ClassType.Attribute a : object.type().attributes()) {
            if (!values.containsKey(a.name())) {
                if (a.type().admitsNone()) continue;
                throw new ArchiveException("data.pkl", -1, "an object of class " + stored.className() + " has no value for its attribute '"
                    + a.name() + "' of type " + a.type().annotation());
            }
            object.set(a.name(), build(values.get(a.name()), a.type()));
        }
    }

    /** An object of a class that PyTorch implements in C++ (packed quantized weights): known by name, without attributes. */
    private Object nativeObject(PickleObject stored) {
        ScriptObject object = new ScriptObject(classes.classType(stored.className()));
        built.put(stored, object);
        return object;
    }
}
