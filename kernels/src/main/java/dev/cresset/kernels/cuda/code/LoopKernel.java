package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.nest.Structure;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Loop nests that are computed again and again, each time on operands further on, as one kernel: its blocks all run at once, and wait
 * for each other after each nest ({@code loop.cuh}). What is the same in each step and is read along rows that are folded, weights
 * that is, can be kept in shared memory, by the warp that computes the row.
 *
 * @param phases the nests of one step, in order
 */
public record LoopKernel(String entry, String source, Launch launch, List<Phase> phases) implements KernelSource {
    public LoopKernel { phases = List.copyOf(phases); }

    /**
     * One nest.
     *
     * @param slots  of its part of the parameter
     * @param moving operands that lie elsewhere in each step
     * @param kept   inputs whose rows are kept in shared memory
     */
    public record Phase(List<Slot> slots, List<Integer> moving, List<Integer> kept) {}

    /**
     * What a kernel is made of.
     *
     * @param aligned whether the first elements of all operands in all steps lie at multiples of 16 bytes
     */
    public record Nest(Structure structure, Loops loops, boolean aligned, Set<Integer> moving, Set<Integer> kept) {}

    /**
     * What one nest gets when it is launched.
     *
     * @param bases   as {@link KernelText#pack} takes them, of the first step
     * @param second  of each operand that moves: the address of its first element in the second step
     * @param strides of each operand that moves: bytes from there to where it lies in the third step, and so on
     * @param kept    of each kept input: where its rows begin in shared memory, in bytes
     */
    public record Arguments(Loops loops, int[] widths, long[] bases, long[] second, long[] strides, long[] kept) {}

    /** A warp computes a row. @param warps of a block: 4 or 8; more would leave too few registers for a few rows at once @throws dev.cresset.ir.diag.UnsupportedException if there are too many operands */
    public static LoopKernel of(List<Nest> nests, int warps) {
        return new Printer(nests, warps == 4 ? Schedule.WARP_ROWS : Schedule.EIGHT_ROWS).print();
    }

    @Override public Object key() { return entry; }

    @Override public List<String> families() { return List.of("loop.cuh"); }

    /** The values of its parameter. @param arrived the address of eight bytes that are 0 when it starts */
    public long[] pack(long steps, long arrived, List<Arguments> arguments) {
        Slots out = new Slots().add(steps, arrived);
        for (int q = 0; q < phases.size(); q++) {
            Arguments a = arguments.get(q);
            Phase phase = phases.get(q);
            out.add(KernelText.pack(phase.slots, a.bases, a.widths, a.loops, _ -> null)).add(a.kept);
            for (int i = 0; i < phase.moving.size(); i++) out.add(a.second[i], a.strides[i]);
        }
        return out.values();
    }

    private static final class Printer {
        private static final int MOST_SLOTS = 500;

        private final List<Nest> nests;
        private final Schedule schedule;
        private final Lines out = new Lines();
        private final StringBuilder structs = new StringBuilder();
        private final List<NestPrinter> printers = new ArrayList<>();
        private final List<Phase> phases = new ArrayList<>();

        Printer(List<Nest> nests, Schedule schedule) {
            this.nests = nests;
            this.schedule = schedule;
        }

        /** The name stands for itself until the text is known that it is made from. */
        LoopKernel print() {
            for (Nest n : nests) phase(n);
            check();
            structs.append("struct @_args {\n    i64 steps;\n    u32* arrived;\n");
            for (int q = 0; q < nests.size(); q++) arguments(q);
            structs.append("};\n");
            body();
            Launch launch = Launch.rows(schedule.threads, schedule.rowsPerBlock()).keeping(0);     // a multiprocessor has one block
            String text = structs + "extern \"C\" __global__ void " + launch.bounds() + " @(const @_args a) " + out;
            String name = "l" + Parameters.hash(text);
            return new LoopKernel(name, text.replace("@", name), launch, phases);
        }

        private void phase(Nest n) {
            NestPrinter printer = new NestPrinter(n.structure, Variant.of(n.structure, n.loops, n.aligned), schedule, out, n.kept);
            structs.append("struct @_").append(printers.size()).append(" {\n").append(printer.parameters().fields());
            for (int k : new TreeSet<>(n.kept)) structs.append("    i64 kept").append(k).append(";\n");
            structs.append("};\n");
            phases.add(new Phase(printer.parameters().slots(), List.copyOf(new TreeSet<>(n.moving)), List.copyOf(new TreeSet<>(n.kept))));
            printers.add(printer);
        }

        private void check() {
            int slots = 2 + phases.stream().mapToInt(p -> p.slots.size() + p.kept.size() + 2 * p.moving.size()).sum();
            if (slots > MOST_SLOTS) throw new UnsupportedException(slots + " arguments of one CUDA kernel", List.of());
        }

        private void arguments(int q) {
            structs.append("    @_").append(q).append(" q").append(q).append(";\n");
            for (int k : phases.get(q).moving) {
                String name = name(q, k);
                structs.append("    i64 ").append(name).append("_second, ").append(name).append("_stride;\n");
            }
        }

        private String name(int q, int operand) { return "q" + q + "_" + printers.get(q).parameters().name(operand); }

        private void body() {
            out.open("{");
            if (phases.stream().anyMatch(p -> !p.kept.isEmpty())) out.add("extern __shared__ __align__(16) char kept[];");
            for (int q = 0; q < nests.size(); q++) out.add("@_" + q + " q" + q + " = a.q" + q + ";");
            for (int q = 0; q < nests.size(); q++) {
                if (!phases.get(q).kept.isEmpty()) within(q, printers.get(q)::keep);
            }
            out.add("u32 expected = 0;");
            out.open("for (i64 step = 0; step < a.steps; step++) {");
            for (int q = 0; q < nests.size(); q++) {
                within(q, printers.get(q)::body);
                if (q == nests.size() - 1) out.add("if (step + 1 == a.steps) break;");
                out.add("k_meet_grid(a.arrived, expected += gridDim.x);");
            }
            for (int q = 0; q < nests.size(); q++) for (int k : phases.get(q).moving) move(q, k);
            out.close();
            out.close();
        }

        private void within(int q, Runnable print) {
            out.open("{");
            out.add("const @_" + q + "& p = q" + q + ";");
            print.run();
            out.close();
        }

        private void move(int q, int operand) {
            Parameters p = printers.get(q).parameters();
            String place = "q" + q + "." + p.name(operand), moves = "a." + name(q, operand);
            out.add(place + " = (" + p.element(operand) + "*) (step == 0 ? " + moves + "_second : (i64) " + place + " + " + moves + "_stride);");
        }
    }
}
