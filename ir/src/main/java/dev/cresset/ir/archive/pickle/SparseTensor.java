package dev.cresset.ir.archive.pickle;

/** A sparse tensor as the archive stores it, not interpreted further. */
public final class SparseTensor extends PickleNode {
    private final long layout;
    private final PickleTuple parts;

    SparseTensor(long layout, PickleTuple parts) {
        this.layout = layout;
        this.parts = parts;
    }

    /** PyTorch's layout number: 1 for coordinates (COO), 2 for compressed rows (CSR). */
    public long layout() { return layout; }

    /** Size, requires_grad, index and value tensors, in the order of the PyTorch version that wrote them. */
    public PickleTuple parts() { return parts; }

    @Override int childCount() { return 1; }

    @Override Object child(int index) { return parts; }
}
