package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.kernels.cuda.code.KernelSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is compiled ahead. */
class CommonKernelsTest {
    @Test void partsAreSmallAndDoNotOverlap() {
        Set<String> names = new HashSet<>(), entries = new HashSet<>();
        for (CommonKernels.Part p : CommonKernels.parts().toList()) {
            assertTrue(names.add(p.name()), p.name());
            assertTrue(!p.kernels().isEmpty() && p.kernels().size() <= 64, p.name() + ": " + p.kernels().size());
            for (KernelSource k : p.kernels()) assertTrue(entries.add(k.entry()), k.entry());
        }
        System.out.println("CUDA: " + entries.size() + " kernels in " + names.size() + " modules are compiled ahead");
    }

    /** What is on disk is found by its text, so that each process must print the same. */
    @Test void textsAreTheSameEachTime() {
        assertEquals(texts(), texts());
    }

    private static List<String> texts() {
        List<String> out = new ArrayList<>();
        for (CommonKernels.Part p : CommonKernels.parts().toList()) out.add(KernelSource.module(p.kernels()));
        return out;
    }
}
