package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.DnnWorkshop;
import dev.cresset.kernels.cuda.driver.CudaUnsupportedException;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.Dnn;
import dev.cresset.kernels.cuda.driver.DnnRnn;
import dev.cresset.kernels.cuda.driver.ElementType;
import dev.cresset.kernels.cuda.driver.RnnDataDescriptor;
import dev.cresset.kernels.cuda.driver.RnnDataDescriptor.Layout;
import dev.cresset.kernels.cuda.driver.RnnDescriptor;
import dev.cresset.kernels.cuda.driver.TensorDescriptor;
import dev.cresset.kernels.op.Precision;
import java.util.ArrayList;
import java.util.List;

/** cuDNN's recurrent layers for sequences of fixed lengths. */
final class RecurrentHandle implements DnnWorkshop.Prepared {
    /** What the order of packed weights depends on. @param tf32 whether float32 may be rounded to TF32 */
    record Layers(ElementType type, RnnDescriptor.Cell cell, boolean biases, boolean bidirectional, int inputs, int hidden, int width,
        int layers, RnnDescriptor.Algorithm algorithm, boolean packed, boolean tf32) {
        static Layers of(RecurrentCall c, RnnDescriptor.Algorithm algorithm, Precision precision) {
            return new Layers(ElementType.of(c.input().dtype()), c.cell(), c.biases(), c.bidirectional(), c.inputs(), c.hidden(), c.width(),
                c.layers(), algorithm, c.isPacked(), c.input().dtype() == ScalarType.FLOAT32 && precision.tf32InLayers());
        }

        int directions() { return bidirectional ? 2 : 1; }

        boolean projects() { return width != hidden; }
    }

    /** @param lengths of packed sequences, else null */
    record Key(Layers layers, boolean batchFirst, int steps, int batch, List<Integer> lengths) {}

    /**
     * A piece of a parameter and where it lies in the weight space.
     *
     * @param parameter its position in the list of parameters
     * @param from      in bytes from the start of the parameter, as {@code to} from the start of the space
     */
    record Piece(int parameter, long from, long to, long bytes) {}

    private final Key key;
    private final List<AutoCloseable> descriptors = new ArrayList<>();
    private RnnDataDescriptor x, y;
    private TensorDescriptor h, c;
    private DnnRnn rnn;
    private long weightBytes, workspaceBytes;
    private boolean supported = true;

    RecurrentHandle(Dnn dnn, Key key) {
        this.key = key;
        try {
            open(dnn);
        } catch (CudaUnsupportedException e) {
            supported = false;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open(Dnn dnn) {
        Layers l = key.layers;
        DeviceContext context = dnn.context();
        Layout layout = l.packed ? Layout.PACKED : key.batchFirst ? Layout.BATCH_FIRST : Layout.TIME_FIRST;
        int positions = l.layers * l.directions();
        x = opened(new RnnDataDescriptor(context, l.type, layout, key.steps, l.inputs, lengths()));
        y = opened(new RnnDataDescriptor(context, l.type, layout, key.steps, l.width * l.directions(), lengths()));
        h = opened(TensorDescriptor.contiguous(context, l.type, positions, key.batch, l.width));
        c = opened(TensorDescriptor.contiguous(context, l.type, positions, key.batch, l.hidden));
        RnnDescriptor descriptor = opened(new RnnDescriptor(dnn, l.type, l.cell, l.biases, l.bidirectional, l.inputs, l.hidden, l.width,
            l.layers, l.tf32, l.algorithm, l.packed));
        rnn = new DnnRnn(dnn, descriptor);
        weightBytes = rnn.weightBytes();
        workspaceBytes = rnn.workspaceBytes(x);
    }

    private int[] lengths() {
        int[] out = new int[key.batch];
        for (int b = 0; b < out.length; b++) out[b] = key.lengths == null ? key.steps : key.lengths.get(b);
        return out;
    }

    private <T extends AutoCloseable> T opened(T descriptor) {
        descriptors.add(descriptor);
        return descriptor;
    }

    /** Whether cuDNN computes it, as far as is known. */
    boolean isSupported() { return supported; }

    /** It turned out that cuDNN does not. */
    void refuse() { supported = false; }

    long weightBytes() { return weightBytes; }

    /** Device memory that it needs while it runs. */
    long workspaceBytes() { return workspaceBytes; }

    /**
     * How row-major parameters are packed.
     *
     * @param space device memory of {@link #weightBytes} bytes
     */
    List<Piece> pieces(long space) {
        Layers l = key.layers;
        List<Piece> out = new ArrayList<>();
        int gates = l.cell.gates(), each = (l.biases ? 4 : 2) + (l.projects() ? 1 : 0);
        long element = l.type.bytes();
        for (int p = 0; p < l.layers * l.directions(); p++) {
            long from = p < l.directions() ? l.inputs : (long) l.width * l.directions();
            for (int side = 0; side < 2; side++) {
                long matrix = l.hidden * (side == 0 ? from : l.width) * element, vector = l.hidden * element;
                for (int gate = 0; gate < gates; gate++) {
                    DnnRnn.Weight w = rnn.weight(p, side * gates + gate, weightBytes, space);
                    add(out, new Piece(p * each + side, gate * matrix, w.matrixOffset(), matrix));
                    if (l.biases) add(out, new Piece(p * each + 2 + side, gate * vector, w.biasOffset(), vector));
                }
            }
            if (l.projects()) add(out, new Piece(p * each + each - 1, 0, rnn.weight(p, 2 * gates, weightBytes, space).matrixOffset(), l.width * l.hidden * element));
        }
        return out;
    }

    /** Adds a piece, to the one that it continues if there is one. */
    private static void add(List<Piece> pieces, Piece p) {
        if (p.to < 0) throw new IllegalStateException("cuDNN has no place for parameter " + p.parameter);
        for (int i = Math.max(0, pieces.size() - 2); i < pieces.size(); i++) {
            Piece q = pieces.get(i);
            if (q.parameter != p.parameter || q.from + q.bytes != p.from || q.to + q.bytes != p.to) continue;
            pieces.set(i, new Piece(q.parameter, q.from, q.to, q.bytes + p.bytes));
            return;
        }
        pieces.add(p);
    }

    /** Addresses of states that there are none of are 0. */
    void run(long input, long out, long hx, long hy, long cx, long cy, long weights, long workspace) {
        rnn.run(x, input, y, out, h, hx, hy, c, cx, cy, weightBytes, weights, workspaceBytes, workspace);
    }

    @Override public void close() {
        try {
            for (AutoCloseable d : descriptors) d.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
