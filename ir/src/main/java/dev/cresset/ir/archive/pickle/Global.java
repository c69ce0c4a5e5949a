package dev.cresset.ir.archive.pickle;

import dev.cresset.ir.type.ScalarType;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a pickle may refer to by module and name: the complete list; anything else is refused. */
sealed interface Global {
    /** Something to call with a tuple of arguments. */
    enum Function implements Global {
        REBUILD_TENSOR, REBUILD_TENSOR_V2, REBUILD_QTENSOR, REBUILD_PARAMETER, REBUILD_SPARSE_TENSOR,
        REBUILD_META_TENSOR,
        REBUILD_FROM_TYPE, BUILD_INTLIST, BUILD_DOUBLELIST, BUILD_BOOLLIST, BUILD_TENSORLIST, RESTORE_TYPE_TAG,
        TENSOR_FROM_ID, ORDERED_DICT, COMPLEX, DEVICE
    }

    /** A TorchScript class, to be instantiated, or an enum, to be called with a member's value. */
    record ScriptClass(String name) implements Global {}

    /** A storage class, which stands for an element type within persistent ids. */
    record StorageClass(ScalarType dtype) implements Global {}

    /** A Python class that is mentioned and of which nothing is needed. */
    record Ignored(String name) implements Global {}

    Map<String, Function> FUNCTIONS = Map.ofEntries(
            Map.entry("torch._utils _rebuild_tensor", Function.REBUILD_TENSOR),
            Map.entry("torch._utils _rebuild_tensor_v2", Function.REBUILD_TENSOR_V2),
            Map.entry("torch._utils _rebuild_qtensor", Function.REBUILD_QTENSOR),
            Map.entry("torch._utils _rebuild_parameter", Function.REBUILD_PARAMETER),
            Map.entry("torch._utils _rebuild_sparse_tensor", Function.REBUILD_SPARSE_TENSOR),
            Map.entry("torch._utils _rebuild_meta_tensor_no_storage", Function.REBUILD_META_TENSOR),
            Map.entry("torch._tensor _rebuild_from_type_v2", Function.REBUILD_FROM_TYPE),
            Map.entry("torch.jit._pickle build_intlist", Function.BUILD_INTLIST),
            Map.entry("torch.jit._pickle build_doublelist", Function.BUILD_DOUBLELIST),
            Map.entry("torch.jit._pickle build_boollist", Function.BUILD_BOOLLIST),
            Map.entry("torch.jit._pickle build_tensorlist", Function.BUILD_TENSORLIST),
            Map.entry("torch.jit._pickle restore_type_tag", Function.RESTORE_TYPE_TAG),
            Map.entry("torch.jit._pickle build_tensor_from_id", Function.TENSOR_FROM_ID),
            Map.entry("__main__ TensorID", Function.TENSOR_FROM_ID),
            Map.entry("__main__ IntList", Function.BUILD_INTLIST),
            Map.entry("collections OrderedDict", Function.ORDERED_DICT),
            Map.entry("builtins complex", Function.COMPLEX),
            Map.entry("__builtin__ complex", Function.COMPLEX),
            Map.entry("torch device", Function.DEVICE));

    Map<String, ScalarType> DTYPES = Map.ofEntries(
            Map.entry("uint8", ScalarType.UINT8), Map.entry("int8", ScalarType.INT8),
            Map.entry("int16", ScalarType.INT16), Map.entry("int32", ScalarType.INT32),
            Map.entry("int64", ScalarType.INT64), Map.entry("float16", ScalarType.FLOAT16),
            Map.entry("float32", ScalarType.FLOAT32), Map.entry("float64", ScalarType.FLOAT64),
            Map.entry("complex32", ScalarType.COMPLEX32), Map.entry("complex64", ScalarType.COMPLEX64),
            Map.entry("complex128", ScalarType.COMPLEX128), Map.entry("bool", ScalarType.BOOL),
            Map.entry("qint8", ScalarType.QINT8), Map.entry("quint8", ScalarType.QUINT8),
            Map.entry("qint32", ScalarType.QINT32), Map.entry("bfloat16", ScalarType.BFLOAT16));

    /**
     * What the name stands for: a {@link Global}, a {@link ScalarType} or a {@link QScheme}; empty if it is refused.
     */
    static Optional<Object> named(String module, String name) {
        Function function = FUNCTIONS.get(module + " " + name);
        if (function != null) return Optional.of(function);
        if (module.equals("__torch__") || module.startsWith("__torch__.")) {
            return Optional.of(new ScriptClass(module + "." + name));
        }
        if (module.equals("torch")) return ofTorch(name);
        if (module.equals("torch.nn.parameter") && name.equals("Parameter")) return Optional.of(new Ignored(name));
        return Optional.empty();
    }

    private static Optional<Object> ofTorch(String name) {
        if (DTYPES.containsKey(name)) return Optional.of(DTYPES.get(name));
        if (name.equals("Tensor")) return Optional.of(new Ignored(name));
        for (QScheme scheme : QScheme.values()) {
            if (scheme.name().toLowerCase(Locale.ROOT).equals(name)) return Optional.of(scheme);
        }
        return ScalarType.ofStorageName(name).map(StorageClass::new);
    }
}
