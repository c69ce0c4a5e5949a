package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.code.Prelude;
import dev.cresset.kernels.cuda.driver.Cuda;
import dev.cresset.kernels.cuda.driver.KernelCompileException;
import dev.cresset.kernels.cuda.driver.Nvrtc;
import java.util.Collection;
import java.util.List;

/** Makes code for one architecture, from the cache on disk or by NVRTC. Safe from any thread. */
final class KernelCompiler {
    private final CubinCache cache;
    private final String architecture;
    private final String version = Cuda.nvrtcVersion();

    KernelCompiler(CubinCache cache, String architecture) {
        this.cache = cache;
        this.architecture = architecture;
    }

    CubinCache cache() { return cache; }

    String architecture() { return architecture; }

    /**
     * What is compiled at once.
     *
     * @param name how messages call it
     * @param key  of its code in the cache
     */
    record Unit(String name, int kernels, String source, String key) {}

    Unit unit(String name, Collection<? extends KernelSource> kernels) {
        String source = KernelSource.module(kernels);
        return new Unit(name, kernels.size(), source, CubinCache.key(source, architecture, Prelude.OPTIONS, version));
    }

    Unit alone(KernelSource kernel) { return unit(kernel.entry(), List.of(kernel)); }

    /** @param ahead nobody waits for it @throws KernelCompileException if NVRTC refuses the text */
    byte[] code(Unit unit, boolean ahead) { return cache.get(unit.key, () -> compile(unit, ahead)); }

    private byte[] compile(Unit unit, boolean ahead) {
        CompileEvent event = new CompileEvent();
        event.begin();
        try {
            return Nvrtc.compile(unit.name + ".cu", unit.source, architecture, Prelude.OPTIONS);
        } catch (KernelCompileException e) {
            event.failure = e.log();
            throw e;
        } finally {
            event.told(unit.name, unit.kernels, architecture, ahead);
        }
    }
}
