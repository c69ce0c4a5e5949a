package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.kernels.cpu.onednn.AnySizesProduct;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cpu.onednn.OneDnnLibrary;
import dev.cresset.kernels.fuse.LoweredGroup;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.tensor.Storage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What runs the groups of one plan for any sizes, and what they hold outside the heap. Made by one thread, run by any. */
public final class SymbolicCode implements AutoCloseable {
    private final MetaExecution meta;
    private final Target target;
    private final Predicate<Runnable> background;
    private final List<SymbolicPart> parts = new ArrayList<>();
    private final Map<Object, GroupShapes> shapes = new HashMap<>();
    private OneDnn oneDnn;
    private AnySizesProduct products;
    private final List<Storage> made = new ArrayList<>();

    /**
     * @param background has code generated and made fast, false if that is not possible now; null to do it in the run that
     *                   needs it, and to run code that is not fast yet
     */
    public SymbolicCode(Catalog catalog, Target target, Predicate<Runnable> background) {
        this.meta = new MetaExecution(catalog);
        this.target = target;
        this.background = background;
    }

    /** Takes over the memory of a device that was made while its groups were formed. */
    public void own(Workshop workshop) { made.addAll(workshop.takeMade(0)); }

    /** What runs a {@code prim::FusionGroup} or {@code prim::LibraryGroup}. Takes a while: weights are packed. */
    public SymbolicPart part(Node group) {
        Graph graph = group.subgraph().orElseThrow();
        SymbolicPart part = group.is(Kinds.FUSION_GROUP) ? new SymbolicGroup(graph, shapes(graph), target instanceof Target.Cuda)
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
        Supplier<GroupShapes> fresh = () -> new GroupShapes(graph, meta, this::code);
        return GroupShapes.structure(graph).map(s -> shapes.computeIfAbsent(s, _ -> fresh.get())).orElseGet(fresh);
    }

    private GroupCode code(LoweredGroup group) {
        return switch (target) {
            case Target.Host(int threads) -> new HostGroupCode(group.nest(), threads, background);
            case Target.Cuda c -> new DeviceGroupCode(c.device(), group, background);
        };
    }

    /** Null on a device, and on a machine without it. */
    private OneDnn oneDnn() {
        boolean wanted = oneDnn == null && target instanceof Target.Host && OneDnnLibrary.isAvailable();
        if (wanted) oneDnn = OneDnn.create(OneDnn.Settings.ofThreads(((Target.Host) target).threads()));
        return oneDnn;
    }

    /** Makes it fast, as far as that goes. For a thread in the background. */
    public void warm() { parts.forEach(SymbolicPart::warm); }

    public boolean isWarm() { return parts.stream().allMatch(SymbolicPart::isWarm); }

    /** Bytes held outside the heap. */
    public long nativeBytes() {
        return parts.stream().mapToLong(SymbolicPart::nativeBytes).sum() + made.stream().mapToLong(Storage::byteSize).sum();
    }

    /** No run may be going on. */
    @Override public void close() {
        parts.forEach(SymbolicPart::close);
        parts.clear();
        if (products != null) products.close();
        products = null;
        if (oneDnn != null) oneDnn.close();
        oneDnn = null;
        if (!made.isEmpty() && target instanceof Target.Cuda c) c.device().settle();     // runs that have returned may still be at work
        made.forEach(Storage::giveBackConstant);
        made.clear();
    }
}
