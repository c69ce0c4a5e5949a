package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.kernels.nest.Structure;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/** The generated code of a structure, shared by all loop nests of it, and whether the JIT compiler has compiled it. */
final class GeneratedLoops {
    /** The JVM interprets longer methods for ever. */
    private static final int LONGEST_METHOD = 8000;

    /** Cost from which on the tail of a pass is code of its own: less code at once is compiled sooner. */
    private static final int TAIL_APART = 24;

    final Structure structure;
    final Plan plan;
    private final List<Code> passes;
    private volatile boolean warm;

    /** A pass's code. @param tail for elements that do not fill a vector; null if {@code steps} is for all elements */
    private record Code(Pass steps, Pass tail, int bytes) {
        void run(long[] addresses, int from, int to) {
            int whole = tail == null ? to : from + (to - from & -VectorShapes.LANES);
            if (whole > from || tail == null) steps.run(addresses, from, whole);
            if (whole < to) tail.run(addresses, whole, to);
        }
    }

    private GeneratedLoops(Structure structure, Plan plan) {
        this.structure = structure;
        this.plan = plan;
        this.passes = plan.passes().stream().map(this::generate).toList();
    }

    /** @throws UnsupportedException if it is too large */
    static GeneratedLoops of(Structure s) { return new GeneratedLoops(s, Plan.of(s)); }

    private Code generate(Plan.Pass p) {
        boolean apart = p.vectors() && p.folds().isEmpty() && cost(p) >= TAIL_APART
            && p.outputs().stream().noneMatch(o -> structure.outputs().get(o).perRow());
        byte[] steps = PassWriter.write(structure, plan, p, apart ? PassWriter.Part.STEPS : PassWriter.Part.WHOLE);
        int bytes = codeLength(steps);
        if (bytes >= LONGEST_METHOD) {
            throw new UnsupportedException("a loop nest of " + structure.nodes().size() + " operations, " + bytes
                + " bytes of code in one pass: the JVM compiles less than " + LONGEST_METHOD + "; fuse fewer operators", List.of());
        }
        return new Code(define(steps), apart ? define(PassWriter.write(structure, plan, p, PassWriter.Part.TAIL)) : null, bytes);
    }

    private static int codeLength(byte[] bytes) {
        return ClassFile.of().parse(bytes).methods().stream().filter(m -> m.methodName().equalsString("run"))
            .mapToInt(m -> ((CodeAttribute) m.code().orElseThrow()).codeLength()).findFirst().orElseThrow();
    }

    private static Pass define(byte[] bytes) {
        try {
            MethodHandles.Lookup hidden = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return (Pass) hidden.findConstructor(hidden.lookupClass(), MethodType.methodType(void.class)).invoke();
        } catch (Throwable e) {
            throw new AssertionError("generated code is not well-formed", e);
        }
    }

    int passes() { return passes.size(); }

    /** One pass over (a part of) a row; arguments as of {@link Pass}. */
    void run(int pass, long[] addresses, int from, int to) { passes.get(pass).run(addresses, from, to); }

    /** Whether a pass folds: then it is given long rows in parts. */
    boolean folds(int i) { return !plan.passes().get(i).folds().isEmpty(); }

    /** Whether a pass computes vectors. */
    boolean vectors(int i) { return plan.passes().get(i).vectors(); }

    /** About how many simple operations a pass takes for each element, or vector. */
    int cost(int i) { return cost(plan.passes().get(i)); }

    private int cost(Plan.Pass p) {
        return 2 + p.varying().stream().mapToInt(n -> p.read().contains(n) ? 1 : Cost.of(structure.node(n))).sum();
    }

    boolean isWarm() { return warm; }

    void warm() { if (!warm) warm = Warmup.run(this); }

    /** Bytes of a pass's code. */
    int size(int i) { return passes.get(i).bytes; }
}
