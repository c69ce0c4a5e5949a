package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.driver.BlasLt;
import dev.cresset.kernels.cuda.driver.LtProduct;
import dev.cresset.kernels.op.CallContext;
import java.util.List;
import java.util.stream.Stream;

/**
 * A call of cuBLASLt.
 *
 * @param a,b       as the library has them: the operands exchanged
 * @param c         what is added, or null
 * @param workspace or null
 */
record DeviceProductStep(CudaDevice device, BlasLt.Algorithm algorithm, double alpha, Place a, Place b, Place c, Place d, Buffer workspace) implements Step {
    @Override public List<Place> reads() { return Stream.of(b, a, c).filter(p -> p != null && p.buffer().kind() != Buffer.Kind.CONSTANT).toList(); }

    @Override public List<Place> writes() { return List.of(d); }

    @Override public List<Buffer> works() { return workspace == null ? List.of() : List.of(workspace); }

    @Override public Action bind(Frame frame) {
        LtProduct product = device.product(algorithm, alpha, c == null ? 0 : 1);
        return new Action() {
            @Override public void run(CallContext context) {
                long to = frame.address(d);
                CudaCall.stream(context).blasLt(blas -> {
                    blas.run(product, frame.address(a), frame.address(b), c == null ? to : frame.address(c), to, workspace == null ? 0 : frame.address(workspace));
                    return null;
                });
            }

            @Override public void close() { product.close(); }
        };
    }

    @Override public String label() { return "product"; }

    @Override public String text() {
        BlasLt.Form f = algorithm.form();
        return "product " + reads() + " -> " + d + " by cuBLASLt" + (f.bias() == 0 ? "" : ", a row added") + (c == null ? "" : ", " + c + " added")
            + (f.activation() == BlasLt.Activation.NONE ? "" : ", " + f.activation().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '))
            + (workspace == null ? "" : ", workspace " + workspace.bytes + " bytes");
    }
}
