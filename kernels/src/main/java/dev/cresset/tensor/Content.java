package dev.cresset.tensor;

import java.util.List;

/**
 * Stands for a tensor's elements: equal for tensors that see the same ones of a content that has not been written since. What is
 * derived from constants is kept by it.
 *
 * @param storage the {@link Storage#content}
 */
public record Content(Object storage, long offset, List<Long> sizes, List<Long> strides) {
    /** @param t null has no content */
    public static Content of(Tensor t) {
        return t == null ? null : new Content(t.storage().content(), t.offset(), t.type().sizes(), t.type().strides());
    }
}
