package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.code.LoopKernel;
import dev.cresset.kernels.fuse.GroupLowering;
import dev.cresset.kernels.fuse.Layouts;
import dev.cresset.kernels.fuse.LoweredGroup;
import dev.cresset.kernels.fuse.RowsAtOnce;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.nest.Structure;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Shapes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Makes one step of a {@code prim::FusionLoop} on a device.
 *
 * <p>Note [Loops as one kernel]. Each result of the loop's groups gets one tensor for all steps, so that what a step reads of the one
 * before is, as a slice of something that was computed for all steps, a place that moves on by as much each time. A kernel can do the
 * loop if all groups of a phase are the same loop nest, and all that they read moves like that or not at all. Its blocks, at most one for
 * each multiprocessor, wait for each other after each phase, which takes about as long as a recorded kernel takes to start; what it
 * gains is that weights are read once. So it is done where it folds rows of something that stays (a product with a constant matrix), and all
 * such rows of a block fit into its shared memory together; else the groups are kernels of their own, that read from the L2 cache.
 */
final class FusedLoop {
    private static final int REGION_ALIGNMENT = 16;

    private final Lowering lowering;
    private final Node loop;
    private final Graph graph;
    private final int phases, steps;
    private final Map<Value, Place> places = new IdentityHashMap<>();
    private final List<Place> results = new ArrayList<>();
    private final Set<Buffer> own = new HashSet<>();

    /** One group as a loop nest. @param operands of the nest, the inputs first */
    private record Instance(Structure structure, Loops loops, List<Place> operands) {
        /** In bytes, from the start of the operand's buffer. */
        long offset(int k) { return operands.get(k).byteOffset() + loops.offsets()[k] * operands.get(k).type().byteSize(); }

        Buffer buffer(int k) { return operands.get(k).buffer(); }

        boolean isLike(Instance other) {
            return structure.equals(other.structure) && Arrays.equals(loops.sizes(), other.loops.sizes())
                && Arrays.deepEquals(loops.strides(), other.loops.strides());
        }
    }

    FusedLoop(Lowering lowering, Node loop) {
        this.lowering = lowering;
        this.loop = loop;
        this.graph = loop.subgraph().orElseThrow();
        this.phases = Math.toIntExact((Long) loop.attribute("phases"));
        this.steps = graph.nodes().size() / phases;
    }

    /** Adds the step, or those of the groups one by one. */
    void lower() {
        for (int i = 0; i < loop.inputs().size(); i++) places.put(graph.inputs().get(i), lowering.place(lowering.operand(loop.input(i))));
        Step step = step();
        if (step == null) {
            for (Value v : graph.inputs()) lowering.define(v, places.get(v));
            graph.nodes().forEach(lowering::node);
        } else {
            lowering.add(step);
            places.forEach(lowering::define);
        }
        for (int i = 0; i < graph.outputs().size(); i++) lowering.define(loop.outputs().get(i), lowering.operand(graph.outputs().get(i)));
    }

    private Step step() {
        CudaDevice device = ((Target.Cuda) lowering.workshop().target()).device();
        try {
            List<List<Instance>> instances = instances();
            if (instances == null) return null;
            Blocks blocks = Blocks.of(instances.stream().map(List::getFirst).toList(), device.multiprocessors());
            List<LoopKernel.Nest> nests = new ArrayList<>();
            List<DeviceLoopStep.Phase> parts = new ArrayList<>();
            long shared = 0;
            boolean keeps = false;
            for (List<Instance> phase : instances) {
                Instance first = phase.getFirst();
                Set<Integer> moving = moving(phase);
                if (moving == null) return null;
                List<Integer> kept = IntStream.range(0, first.structure.inputs()).filter(k -> !moving.contains(k) && isWeight(first, k)).boxed().toList();
                long[] regions = new long[kept.size()];
                for (int i = 0; i < regions.length; i++) {
                    regions[i] = shared;
                    shared += blocks.rowsOfBlock(first) * first.loops.rowLength() * first.operands.get(kept.get(i)).type().byteSize();
                    shared = (shared + REGION_ALIGNMENT - 1) / REGION_ALIGNMENT * REGION_ALIGNMENT;
                }
                keeps |= !kept.isEmpty();
                nests.add(new LoopKernel.Nest(first.structure, first.loops, isAligned(phase, moving), moving, Set.copyOf(kept)));
                parts.add(part(phase, moving, regions));
            }
            boolean fits = shared <= device.sharedBytesOfCooperativeBlock() && (long) steps * phases * blocks.count < Integer.MAX_VALUE;
            if (!keeps || !fits) return null;
            List<Place> reads = graph.inputs().stream().map(places::get).toList();
            return new DeviceLoopStep(LoopKernel.of(nests, blocks.warps), steps, parts, blocks.count, (int) shared, lowering.memory().scratch(Long.BYTES),
                reads, List.copyOf(results));
        } catch (IllegalArgumentException | UnsupportedException e) {
            return null;
        }
    }

    /** Of each phase: its groups in all steps; null if they differ. */
    private List<List<Instance>> instances() {
        List<List<Instance>> out = new ArrayList<>();
        List<List<Place>> homes = new ArrayList<>();
        for (int q = 0; q < phases; q++) {
            out.add(new ArrayList<>());
            homes.add(graph.nodes().get(q).outputs().stream().map(v -> home(Lowering.meta(v.type()))).toList());
        }
        for (int i = 0; i < graph.nodes().size(); i++) {
            Instance made = instance(graph.nodes().get(i), homes.get(i % phases), i / phases);
            List<Instance> phase = out.get(i % phases);
            if (made == null || !phase.isEmpty() && !made.isLike(phase.getFirst())) return null;
            phase.add(made);
        }
        return out;
    }

    /** Memory for one result in all steps. */
    private Place home(Meta m) {
        long[] sizes = new long[m.sizes().length + 1];
        sizes[0] = steps;
        System.arraycopy(m.sizes(), 0, sizes, 1, m.sizes().length);
        Place p = lowering.memory().internal(new Meta(m.dtype(), sizes, Shapes.contiguousStrides(sizes)));
        results.add(p);
        own.add(p.buffer());
        return p;
    }

    private Instance instance(Node group, List<Place> homes, int step) {
        Graph g = group.subgraph().orElseThrow();
        Map<Value, Layouts.Placement> placements = new IdentityHashMap<>();
        List<Place> given = group.inputs().stream().map(places::get).toList(), made = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) placements.put(g.inputs().get(i), new Layouts.Placement(0, given.get(i).strides()));
        for (int i = 0; i < homes.size(); i++) {
            Meta m = Lowering.meta(group.outputs().get(i).type());
            Place p = new Place(homes.get(i).buffer(), m.dtype(), step * Shapes.numel(m.sizes()), m.sizes(), Shapes.contiguousStrides(m.sizes()));
            made.add(p);
            places.put(group.outputs().get(i), p);
            placements.put(g.outputs().get(i), new Layouts.Placement(0, p.strides()));
        }
        LoweredGroup lowered = RowsAtOnce.of(GroupLowering.lower(group, placements::get));
        if (DeviceFusedStep.dividesIntegers(lowered.nest())) return null;
        Loops loops = Loops.of(lowered.nest());
        List<Place> operands = new ArrayList<>();
        for (int i : lowered.inputs()) operands.add(given.get(i));
        for (int r : lowered.results()) operands.add(made.get(r));
        return new Instance(Structure.of(lowered.nest(), loops), loops, operands);
    }

    /** The operands that lie elsewhere in each step; null if some do not move by as much each time. */
    private static Set<Integer> moving(List<Instance> phase) {
        Set<Integer> out = new HashSet<>();
        for (int k = 0; k < phase.getFirst().operands.size(); k++) {
            int operand = k;
            Instance first = phase.getFirst(), second = phase.get(1);
            if (phase.stream().allMatch(i -> i.buffer(operand) == first.buffer(operand) && i.offset(operand) == first.offset(operand))) continue;
            for (int t = 2; t < phase.size(); t++) {
                boolean on = phase.get(t).buffer(k) == second.buffer(k) && phase.get(t).offset(k) == second.offset(k) + (t - 1) * stride(phase, k);
                if (!on) return null;
            }
            out.add(k);
        }
        return out;
    }

    /** Bytes by which an operand moves after the second step. */
    private static long stride(List<Instance> phase, int k) { return phase.get(2).offset(k) - phase.get(1).offset(k); }

    /** True for what is folded along its rows and differs from row to row. */
    private boolean isWeight(Instance i, int k) {
        if (i.structure.folds().isEmpty() || !i.structure.isUnit().get(k)) return false;
        return !own.contains(i.buffer(k)) && Arrays.stream(i.loops.strides()[k], 0, i.loops.rank() - 1).anyMatch(s -> s != 0);
    }

    /** Whether accesses of neighbouring elements are where they may be; what is read once for a row lies anywhere. */
    private boolean isAligned(List<Instance> phase, Set<Integer> moving) {
        for (int k = 0; k < phase.getFirst().operands.size(); k++) {
            if (phase.getFirst().loops.innerStride(k) == 0) continue;
            if (alignment(phase.getFirst(), k) < REGION_ALIGNMENT) return false;
            if (moving.contains(k) && (alignment(phase.get(1), k) < REGION_ALIGNMENT || stride(phase, k) % REGION_ALIGNMENT != 0)) return false;
        }
        return true;
    }

    private int alignment(Instance i, int k) { return DeviceFusedStep.alignment(i.operands.get(k), i.loops.offsets()[k], lowering.memory()); }

    private static DeviceLoopStep.Phase part(List<Instance> phase, Set<Integer> moving, long[] regions) {
        List<DeviceLoopStep.Move> moves = moving.stream().sorted()
            .map(k -> new DeviceLoopStep.Move(phase.get(1).buffer(k), phase.get(1).offset(k), stride(phase, k))).toList();
        return new DeviceLoopStep.Phase(phase.getFirst().loops, phase.getFirst().operands, moves, regions);
    }

    /**
     * How rows are shared out: a warp takes every so-manieth.
     *
     * @param count of blocks
     * @param warps of a block
     */
    private record Blocks(int count, int warps) {
        private static final int FEW = 4, MOST = 8;

        /** Over all multiprocessors, four rows or more for each. */
        static Blocks of(List<Instance> phases, int multiprocessors) {
            long rows = phases.stream().mapToLong(i -> i.loops.rows()).max().orElse(1), each = Math.ceilDiv(rows, (long) multiprocessors);
            int warps = each <= FEW ? FEW : MOST;
            return new Blocks((int) Math.min(multiprocessors, Math.ceilDiv(rows, (long) warps)), warps);
        }

        long rowsOfBlock(Instance i) { return Math.ceilDiv(i.loops.rows(), (long) count * warps) * warps; }
    }
}
