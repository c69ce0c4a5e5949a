package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.nest.Structure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compiles loop nests to bytecode. Keeps what it generated, by structure: the same layer at another place of a model, or
 * with other sizes, shares generated code and what the JIT compiler made of it. Safe from any thread.
 */
public final class LoopCompiler {
    private static final int KEPT = 512;

    private final Map<Structure, GeneratedLoops> generated = new LinkedHashMap<>(16, 0.75f, true) {
        @Override protected boolean removeEldestEntry(Map.Entry<Structure, GeneratedLoops> eldest) { return size() > KEPT; }
    };

    /**
     * Whether {@link #compile} takes it: not if there are complex numbers in it, if rows to be folded are longer than 2^30
     * elements, or if it is too large for the JVM to compile.
     */
    public boolean supports(LoopNest nest) {
        if (nest.inputs().stream().anyMatch(i -> i.type().isComplex()) || nest.results().stream().anyMatch(r -> r.type().isComplex())) {
            return false;
        }
        try {
            compile(nest);
            return true;
        } catch (UnsupportedException e) {
            return false;
        }
    }

    /** @throws UnsupportedException for what {@link #supports} says no to */
    public FusedKernel compile(LoopNest nest) {
        if (!nest.reductions().isEmpty() && nest.rowLength() > 1 << 30) {
            throw new UnsupportedException("a fold over " + nest.rowLength() + " elements in generated code", List.of());
        }
        Loops loops = Loops.of(nest);
        Structure structure = Structure.of(nest, loops);
        for (Dag.Node n : structure.nodes()) {
            if (n.op() instanceof Dag.Op.Param p) throw new IllegalArgumentException("a loop nest of a plan has no arguments: " + p);
            if (n.kind() == ScalarType.COMPLEX128) throw new UnsupportedException("complex numbers in generated code", List.of());
        }
        return new LoopKernel(nest, loops, generated(structure));
    }

    /**
     * As {@link #compile}, but generates nothing.
     *
     * @return empty if there is no code of this structure, or it is not fast yet
     */
    public Optional<FusedKernel> ready(LoopNest nest) {
        Loops loops = Loops.of(nest);
        Structure structure = Structure.of(nest, loops);
        GeneratedLoops known;
        synchronized (this) {
            known = generated.get(structure);
        }
        return known == null || !known.isWarm() ? Optional.empty() : Optional.of(new LoopKernel(nest, loops, known));
    }

    private synchronized GeneratedLoops generated(Structure s) {
        GeneratedLoops known = generated.get(s);
        if (known == null) generated.put(s, known = GeneratedLoops.of(s));
        return known;
    }
}
