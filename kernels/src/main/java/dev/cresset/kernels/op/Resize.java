package dev.cresset.kernels.op;

import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Fits tensors given as {@code out=} to the results written to them. */
public final class Resize {
    private Resize() {}

    /** The tensor a kernel should write for this result: the given one, resized if needed, or a temporary if types differ. */
    static Tensor output(CallContext context, Tensor given, Meta meta) {
        if (!Arrays.equals(given.sizes(), meta.sizes())) resize(given, meta.sizes());
        boolean direct = given.dtype() == meta.dtype() && Shapes.sameLayout(given.sizes(), given.strides(), meta.strides());
        return direct ? given : context.empty(meta);
    }

    /** Copies a temporary to the given tensor, converting the type. */
    static Tensor finish(CallContext context, Tensor given, Tensor written) {
        if (written != given) context.call("aten::copy_", given, written);
        return given;
    }

    /** Gives a tensor new sizes, row-major, growing its storage if needed: {@code resize_}. */
    public static void resize(Tensor t, long[] sizes) {
        long elements = Shapes.numel(sizes);
        t.storage().grow((t.offset() + elements) * t.dtype().byteSize());
        t.become(new Tensor(t.storage(), t.dtype(), t.offset(), sizes.clone(), Shapes.contiguousStrides(sizes)));
    }
}
