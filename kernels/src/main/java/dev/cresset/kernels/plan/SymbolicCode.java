package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.kernels.cpu.onednn.AnySizesProduct;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cpu.onednn.OneDnnLibrary;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.MetaExecution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What runs the groups of one plan for any sizes, and what they hold outside the heap. Made by one thread, run by any. */
public final class SymbolicCode implements AutoCloseable {
    private final MetaExecution meta;
    private final int threads;
    private final Predicate<Runnable> background;
    private final List<SymbolicPart> parts = new ArrayList<>();
    private final Map<Object, GroupShapes> shapes = new HashMap<>();
    private OneDnn oneDnn;
    private AnySizesProduct products;

    /**
     * @param threads    how many threads its kernels use
     * @param background has code generated and made fast, false if that is not possible now; null to do it in the run that
     *                   needs it, and to run code that is not fast yet
     */
    public SymbolicCode(Catalog catalog, int threads, Predicate<Runnable> background) {
        this.meta = new MetaExecution(catalog);
        this.threads = threads;
        this.background = background;
    }

    /** What runs a {@code prim::FusionGroup} or {@code prim::LibraryGroup}. Takes a while: weights are packed. */
    public SymbolicPart part(Node group) {
        Graph graph = group.subgraph().orElseThrow();
        SymbolicPart part = group.is(Kinds.FUSION_GROUP) ? new SymbolicGroup(graph, shapes(graph), threads)
            : graph.inputs().size() == 2 ? new SymbolicMatmul(graph, products()) : new SymbolicProduct(graph, oneDnn());
        parts.add(part);
        return part;
    }

    private AnySizesProduct products() {
        if (products == null && oneDnn() != null) products = new AnySizesProduct(oneDnn());
        return products;
    }

    /** Layers are alike: what is found out for a shape of one serves all. */
    private GroupShapes shapes(Graph graph) {
        Supplier<GroupShapes> fresh = () -> new GroupShapes(graph, meta, background);
        return GroupShapes.structure(graph).map(s -> shapes.computeIfAbsent(s, _ -> fresh.get())).orElseGet(fresh);
    }

    private OneDnn oneDnn() {
        if (oneDnn == null && OneDnnLibrary.isAvailable()) oneDnn = OneDnn.create(OneDnn.Settings.ofThreads(threads));
        return oneDnn;
    }

    /** Makes it fast, as far as that goes. For a thread in the background. */
    public void warm() { parts.forEach(SymbolicPart::warm); }

    public boolean isWarm() { return parts.stream().allMatch(SymbolicPart::isWarm); }

    /** Bytes held outside the heap. */
    public long nativeBytes() { return parts.stream().mapToLong(SymbolicPart::nativeBytes).sum(); }

    /** No run may be going on. */
    @Override public void close() {
        parts.forEach(SymbolicPart::close);
        parts.clear();
        if (products != null) products.close();
        products = null;
        if (oneDnn != null) oneDnn.close();
        oneDnn = null;
    }
}
