package dev.cresset.ir.archive;

import dev.cresset.ir.archive.pickle.StoredStorage;
import dev.cresset.ir.archive.pickle.StoredTensor;
import dev.cresset.ir.type.ScalarType;

/** The tensors of archives before PyTorch 1.4. */
final class LegacyTensors {
    private LegacyTensors() {}

    /** The tensor of a definition. @throws IllegalArgumentException with a sentence if it does not fit its record */
    static StoredTensor tensor(Archive archive, Fields def) {
        ScalarType dtype = dtype(def.get("dataType"), Boolean.TRUE.equals(def.get("isQuantized")));
        String record = def.key("data").orElseThrow(() -> new IllegalArgumentException(
                "a tensor does not say which record has its bytes"));
        // The record's own size counts: definitions do not say how large the storage is.
        long numel = archive.has(record) ? archive.size(record) / dtype.byteSize() : 0;
        StoredStorage storage = archive.storage(record, def.string("device").orElse("cpu"), dtype, numel);
        StoredTensor tensor = StoredTensor.of(storage, dtype, def.integer("offset", 0),
                def.integers("dims"), def.integers("strides"), Boolean.TRUE.equals(def.get("requiresGrad")));
        if (!dtype.isQuantized()) return tensor;
        return tensor.withQuantizer(
                new StoredTensor.Quantizer.PerTensor(def.real("scale"), def.integer("zeroPoint", 0)));
    }

    /** Enum values are written by name, or by number; a float's 1 is what is omitted. */
    private static ScalarType dtype(Object dataType, boolean quantized) {
        return switch (dataType == null ? "FLOAT" : dataType.toString()) {
            case "FLOAT", "1" -> ScalarType.FLOAT32;
            case "INT32", "2" -> quantized ? ScalarType.QINT32 : ScalarType.INT32;
            case "BYTE", "3", "UINT8", "6" -> quantized ? ScalarType.QUINT8 : ScalarType.UINT8;
            case "BOOL", "5" -> ScalarType.BOOL;
            case "INT8", "7" -> quantized ? ScalarType.QINT8 : ScalarType.INT8;
            case "INT16", "9" -> ScalarType.INT16;
            case "INT64", "10" -> ScalarType.INT64;
            case "FLOAT16", "12" -> ScalarType.FLOAT16;
            case "DOUBLE", "13" -> ScalarType.FLOAT64;
            default -> throw new IllegalArgumentException("a tensor has the data type "
                    + abbreviated(dataType.toString()) + ", which is not known");
        };
    }

    private static String abbreviated(String s) { return s.length() <= 40 ? s : s.substring(0, 40) + "…"; }
}
