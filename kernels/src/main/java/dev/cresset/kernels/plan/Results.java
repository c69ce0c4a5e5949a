package dev.cresset.kernels.plan;

import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Makes the subgraph's results fresh tensors of the stated strides: written where they arise if possible, else copied. */
final class Results {
    private final Lowering lowering;
    private final Memory memory;

    Results(Lowering lowering) {
        this.lowering = lowering;
        this.memory = lowering.memory();
    }

    List<Place> of(List<Operand> operands, List<Meta> stated) {
        List<Place> out = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) out.add(result(place(operands.get(i)), stated.get(i), out));
        return out;
    }

    private Place place(Operand o) {
        return switch (o) {
            case Place p -> p;
            case Operand.Constant(Tensor t) -> memory.constant(t);
            case Operand other -> throw new IllegalArgumentException("a result is a tensor, got " + other);
        };
    }

    private Place result(Place p, Meta stated, List<Place> earlier) {
        boolean taken = earlier.stream().anyMatch(e -> e.buffer() == p.buffer());
        boolean whole = p.offset() == 0 && p.hasStrides(stated.strides()) && Place.bytes(stated) == p.buffer().bytes;
        if (whole && !taken && p.buffer().kind() == Buffer.Kind.RETURNED) return p;
        if (whole && !taken && p.buffer().kind() == Buffer.Kind.INTERNAL) {
            p.buffer().becomeResult();
            return new Place(p.buffer(), p.type(), 0, p.sizes(), stated.strides());
        }
        Place copy = memory.internal(stated);
        copy.buffer().becomeResult();
        lowering.copy(p, copy);
        return copy;
    }
}
