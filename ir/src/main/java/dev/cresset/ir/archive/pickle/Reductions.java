package dev.cresset.ir.archive.pickle;

import static dev.cresset.ir.archive.pickle.Unpickler.describe;

import dev.cresset.ir.archive.pickle.StoredTensor.Quantizer;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The calls that pickles may make. Wrong arguments give an {@link IllegalArgumentException} with a sentence. */
final class Reductions {
    private static final int MAX_BITS = 8;
    /** Of names, devices and types; strings are shared, so work on one must be bounded each time. */
    private static final int MAX_STRING = 16384;

    private final Storages storages;
    private final List<?> tensorTable;

    Reductions(Storages storages, List<?> tensorTable) {
        this.storages = storages;
        this.tensorTable = tensorTable;
    }

    /** A storage with the element type under which a persistent id mentions it. */
    private record TypedStorage(StoredStorage storage, ScalarType dtype) {}

    /** What the persistent id {@code ("storage", class, key, location, numel)} stands for. */
    Object storage(Object id) {
        if (!(id instanceof PickleTuple t) || t.size() < 5 || !"storage".equals(t.get(0))) {
            throw new IllegalArgumentException("a persistent id that is not of a storage: " + describe(id));
        }
        if (!(t.get(1) instanceof Global.StorageClass type)) {
            throw new IllegalArgumentException("a storage whose class is " + describe(t.get(1)));
        }
        long numel = number(t.get(4), "a storage's element count");
        if (numel < 0) throw new IllegalArgumentException("a storage of " + numel + " elements");
        String key = string(t.get(2), "a storage's key");
        String location = string(t.get(3), "a storage's device");
        return new TypedStorage(storages.find(key, location, type.dtype(), numel), type.dtype());
    }

    Object call(Global.Function function, PickleTuple args) {
        return switch (function) {
            case REBUILD_TENSOR -> tensor(args, 4, false);
            case REBUILD_TENSOR_V2 -> tensorV2(args);
            case REBUILD_QTENSOR -> quantized(args);
            case REBUILD_PARAMETER -> parameter(need(args, function, 2));
            case REBUILD_SPARSE_TENSOR -> new SparseTensor(number(need(args, function, 2).get(0), "a layout"), args);
            case REBUILD_META_TENSOR -> meta(need(args, function, 4));
            case REBUILD_FROM_TYPE -> fromType(need(args, function, 3));
            case BUILD_INTLIST -> list(need(args, function, 1), "List[int]", Long.class);
            case BUILD_DOUBLELIST -> list(need(args, function, 1), "List[float]", Double.class);
            case BUILD_BOOLLIST -> list(need(args, function, 1), "List[bool]", Boolean.class);
            case BUILD_TENSORLIST -> list(need(args, function, 1), "List[Tensor]", Object.class);
            case RESTORE_TYPE_TAG -> tagged(need(args, function, 2));
            case TENSOR_FROM_ID -> fromTable(number(need(args, function, 1).get(0), "a tensor's number"));
            case ORDERED_DICT -> new PickleDict();
            case COMPLEX -> new Complex(real(need(args, function, 2).get(0)), real(args.get(1)));
            case DEVICE -> device(need(args, function, 1));
        };
    }

    private StoredTensor tensorV2(PickleTuple args) {
        need(args, Global.Function.REBUILD_TENSOR_V2, 5);
        StoredTensor t = tensor(args, 4, bool(args.get(4), "requires_grad"));
        if (args.size() < 7 || !(args.get(6) instanceof PickleDict bits)) return t;
        if (bits.size() > MAX_BITS) throw new IllegalArgumentException("a tensor has " + bits.size() + " flags");
        var set = bits.byName();
        return t.withBits(Boolean.TRUE.equals(set.get("conj")), Boolean.TRUE.equals(set.get("neg")));
    }

    /** A tensor of (storage, offset, sizes, strides, …). */
    private static StoredTensor tensor(PickleTuple args, int count, boolean requiresGrad) {
        need(args, Global.Function.REBUILD_TENSOR, count);
        if (!(args.get(0) instanceof TypedStorage typed)) {
            throw new IllegalArgumentException("a tensor over " + describe(args.get(0)) + " instead of a storage");
        }
        return StoredTensor.of(typed.storage(), typed.dtype(), number(args.get(1), "a tensor's offset"),
                numbers(args.get(2), "a tensor's sizes"), numbers(args.get(3), "a tensor's strides"), requiresGrad);
    }

    private static StoredTensor quantized(PickleTuple args) {
        need(args, Global.Function.REBUILD_QTENSOR, 6);
        StoredTensor t = tensor(args, 4, bool(args.get(5), "requires_grad"));
        if (!t.dtype().isQuantized() || !(args.get(4) instanceof PickleTuple q) || q.size() < 3) {
            throw new IllegalArgumentException("a quantized tensor of type " + t.dtype().printName()
                    + " without its parameters");
        }
        return t.withQuantizer(switch (q.get(0)) {
            case QScheme.PER_TENSOR_AFFINE ->
                    new Quantizer.PerTensor(real(q.get(1)), number(q.get(2), "a zero point"));
            case QScheme.PER_CHANNEL_AFFINE, QScheme.PER_CHANNEL_AFFINE_FLOAT_QPARAMS -> perChannel(t, q);
            case null, default -> throw new IllegalArgumentException("a tensor quantized by " + q.get(0)
                    + "; known are per_tensor_affine and per_channel_affine");
        });
    }

    private static Quantizer perChannel(StoredTensor t, PickleTuple q) {
        if (q.size() < 4 || !(q.get(1) instanceof StoredTensor scales)
                || !(q.get(2) instanceof StoredTensor zeroPoints)) {
            throw new IllegalArgumentException("a tensor quantized per channel needs tensors of scales and zero "
                    + "points, and an axis");
        }
        long axis = number(q.get(3), "an axis");
        long[] sizes = t.sizes();
        if (axis < 0 || axis >= sizes.length) {
            throw new IllegalArgumentException("axis " + axis + " of a tensor of rank " + sizes.length);
        }
        long[] expected = {sizes[(int) axis]};
        if (!Arrays.equals(scales.sizes(), expected) || !Arrays.equals(zeroPoints.sizes(), expected)) {
            throw new IllegalArgumentException("there must be one scale and one zero point for each of the "
                    + expected[0] + " channels");
        }
        return new Quantizer.PerChannel(scales, zeroPoints, axis);
    }

    private static StoredTensor parameter(PickleTuple args) {
        if (args.get(0) instanceof StoredTensor t) return t.withGrad(bool(args.get(1), "requires_grad"));
        throw new IllegalArgumentException("a parameter made of " + describe(args.get(0)));
    }

    private static StoredTensor meta(PickleTuple args) {
        if (!(args.get(0) instanceof ScalarType dtype)) {
            throw new IllegalArgumentException("a meta tensor without its type");
        }
        StoredStorage none = new StoredStorage("", "meta", dtype, Long.MAX_VALUE);
        return StoredTensor.of(none, dtype, 0, numbers(args.get(1), "a tensor's sizes"),
                numbers(args.get(2), "a tensor's strides"), bool(args.get(3), "requires_grad"));
    }

    private Object fromType(PickleTuple args) {
        // Only functions that make tensors: a call of this one by itself would nest without end.
        if (args.get(0) instanceof Global.Function f && f.name().startsWith("REBUILD")
                && f != Global.Function.REBUILD_FROM_TYPE && args.get(2) instanceof PickleTuple inner) {
            return call(f, inner);
        }
        throw new IllegalArgumentException("a tensor subclass rebuilt by " + describe(args.get(0)));
    }

    private static PickleList list(PickleTuple args, String type, Class<?> itemClass) {
        if (!(args.get(0) instanceof PickleList list)) {
            throw new IllegalArgumentException("a " + type + " made of " + describe(args.get(0)));
        }
        if (itemClass != Object.class) {
            list.otherThan(itemClass).ifPresent(item -> {
                throw new IllegalArgumentException("a " + type + " with " + describe(item) + " in it");
            });
        }
        list.setType(type);
        return list;
    }

    private static Object tagged(PickleTuple args) {
        String type = string(args.get(1), "a type tag");
        switch (args.get(0)) {
            case PickleList list -> list.setType(type);
            case PickleDict dict -> dict.setType(type);
            case null, default -> throw new IllegalArgumentException("the type tag '" + type + "' on "
                    + describe(args.get(0)));
        }
        return args.get(0);
    }

    private Object fromTable(long index) {
        if (index >= 0 && index < tensorTable.size()) return tensorTable.get((int) index);
        throw new IllegalArgumentException("tensor number " + index + " of a table of " + tensorTable.size());
    }

    private static Device device(PickleTuple args) {
        Device device = Device.parse(string(args.get(0), "a device"));
        return args.size() > 1 && args.get(1) instanceof Long n ? Device.parse(device.type() + ":" + n) : device;
    }

    // --- arguments

    private static PickleTuple need(PickleTuple args, Global.Function function, int count) {
        if (args.size() >= count) return args;
        throw new IllegalArgumentException(function.name().toLowerCase(Locale.ROOT) + " gets " + args.size()
                + " arguments instead of " + count);
    }

    private static String string(Object value, String what) {
        if (!(value instanceof String s)) {
            throw new IllegalArgumentException(what + " is " + describe(value) + " instead of a string");
        }
        if (s.length() > MAX_STRING) {
            throw new IllegalArgumentException(what + " is " + s.length() + " characters long");
        }
        return s;
    }

    private static long number(Object value, String what) {
        if (value instanceof Long n) return n;
        throw new IllegalArgumentException(what + " is " + describe(value) + " instead of an integer");
    }

    private static double real(Object value) {
        if (value instanceof Double d) return d;
        if (value instanceof Long n) return n;
        throw new IllegalArgumentException("a float is expected, but there is " + describe(value));
    }

    private static boolean bool(Object value, String what) {
        if (value instanceof Boolean b) return b;
        throw new IllegalArgumentException(what + " is " + describe(value) + " instead of a bool");
    }

    private static long[] numbers(Object value, String what) {
        List<Object> items = switch (value) {
            case PickleTuple t -> t.items();
            case PickleList l -> l.items();
            case null, default -> throw new IllegalArgumentException(what + " are " + describe(value)
                    + " instead of a tuple");
        };
        // Before anything is allocated: one tuple may be named by many tensors.
        if (items.size() > 64) {
            throw new IllegalArgumentException(what + " are " + items.size()
                    + " numbers; PyTorch has at most 64 dimensions");
        }
        return items.stream().mapToLong(item -> number(item, what)).toArray();
    }
}
