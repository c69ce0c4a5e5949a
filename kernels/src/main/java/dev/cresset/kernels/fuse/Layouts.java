package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.TensorType;

/** Where the tensors that a group reads and writes lie: their types say how programs see them, a plan may place them otherwise. */
@FunctionalInterface
public interface Layouts {
    /** As the types say, from the start of the memory on. */
    Layouts BY_TYPE = v -> {
        TensorType t = (TensorType) v.type();
        return new Placement(0, t.strides().stream().mapToLong(Long::longValue).toArray());
    };

    /** @param offset of the first element, @param strides of each dimension, both in elements */
    record Placement(long offset, long[] strides) {}

    /** Of an input or a result of the group's subgraph. */
    Placement of(Value v);
}
