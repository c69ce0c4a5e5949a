package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.diag.UnsupportedException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;

/** The generated code of a structure, shared by all loop nests of it, and whether the JIT compiler has compiled it. */
final class GeneratedLoops {
    /** The JVM interprets longer methods for ever. */
    private static final int LONGEST_METHOD = 8000;

    final Structure structure;
    final Plan plan;
    final boolean vectors;
    private final Pass[] passes;
    private final int[] sizes;
    private volatile boolean warm;

    private GeneratedLoops(Structure structure, Plan plan, boolean vectors, Pass[] passes, int[] sizes) {
        this.structure = structure;
        this.plan = plan;
        this.vectors = vectors;
        this.passes = passes;
        this.sizes = sizes;
    }

    /** @throws UnsupportedException if it is too large */
    static GeneratedLoops of(Structure s) {
        Plan plan = Plan.of(s);
        boolean vectors = VectorEmitter.canEmit(s);
        Pass[] passes = new Pass[plan.passes().size()];
        int[] sizes = new int[passes.length];
        for (int i = 0; i < passes.length; i++) {
            byte[] bytes = PassWriter.write(s, plan, plan.passes().get(i), vectors);
            sizes[i] = codeLength(bytes);
            if (sizes[i] >= LONGEST_METHOD) {
                throw new UnsupportedException("a loop nest of " + s.nodes().size() + " operations, " + sizes[i] + " bytes of code in one pass: "
                    + "the JVM compiles less than " + LONGEST_METHOD + "; fuse fewer operators", List.of());
            }
            passes[i] = define(bytes);
        }
        return new GeneratedLoops(s, plan, vectors, passes, sizes);
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

    int passes() { return passes.length; }

    Pass pass(int i) { return passes[i]; }

    /** Whether a pass folds: then it is given long rows in parts. */
    boolean folds(int i) { return !plan.passes().get(i).folds().isEmpty(); }

    /** About how many simple operations an element takes. */
    int cost() {
        return Math.max(1, plan.passes().stream().flatMap(p -> p.varying().stream().filter(i -> !p.read().contains(i)))
            .mapToInt(i -> Cost.of(structure.node(i))).sum());
    }

    boolean isWarm() { return warm; }

    void warm() {
        if (warm) return;
        Warmup.run(this);
        warm = true;
    }

    /** An outline of the passes. */
    String text() {
        List<String> lines = new ArrayList<>();
        lines.add((vectors ? "vector" : "scalar") + " code, " + structure.nodes().size() + " operations, " + plan.saved().size() + " scratch rows");
        for (int i = 0; i < passes.length; i++) {
            Plan.Pass p = plan.passes().get(i);
            lines.add("  pass " + i + ": " + p.uniform().size() + " operations for a row, " + p.varying().size() + " for an element; folds "
                + p.folds() + ", writes " + p.outputs());
        }
        return String.join("\n", lines);
    }
}
