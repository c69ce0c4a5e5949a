package dev.cresset.runtime.call;

import dev.cresset.ir.type.Device;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.Precision;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.load.ValueCopy;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Arguments as calls on a device see them, of the types that {@link DeviceVisit} gives them; tensors have no memory. */
final class SeenByCalls extends ValueCopy {
    private final Device device;
    private final Precision precision;

    private SeenByCalls(Device device, Precision precision) {
        this.device = device;
        this.precision = precision;
    }

    static Object[] of(Object[] arguments, Accelerator accelerator) {
        SeenByCalls copy = new SeenByCalls(accelerator.device(), accelerator.precision());
        return Arrays.stream(arguments).map(copy::copy).toArray();
    }

    @Override protected Tensor tensor(Tensor t) {
        long[] strides = Meta.isDense(t) ? t.strides() : Shapes.contiguousStrides(t.sizes());
        return new Tensor(Storage.meta(device), precision.inside(t.dtype()), 0, t.sizes(), strides);
    }

    @Override protected Object object(ScriptObject o) { return o; }
}
