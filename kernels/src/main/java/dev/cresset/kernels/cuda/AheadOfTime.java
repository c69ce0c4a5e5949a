package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.driver.DeviceContext;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Fills the cache on disk with a device's common kernels, so that no process has to in the background. */
public final class AheadOfTime {
    private AheadOfTime() {}

    /**
     * What came of it.
     *
     * @param kernels how many there are now
     * @param refused the modules that the compiler refused; their kernels are compiled where they are needed
     * @param folder  where they are
     */
    public record Filled(int kernels, List<String> refused, Path folder) {}

    /**
     * Compiles what is not there, which takes minutes.
     *
     * @param progress is told what is compiled next
     * @return null if another process is compiling, or the folder cannot be written
     */
    public static Filled fill(DeviceContext context, Consumer<String> progress) {
        CubinCache cache = CubinCache.ofThisUser();
        List<CommonKernels.Part> parts = CommonKernels.parts().toList();
        int[] number = {0};
        try (AheadCompiler compiler = new AheadCompiler(new KernelCompiler(cache, context.properties().architecture()), parts::stream)) {
            List<CommonKernels.Part> refused = compiler.compileAll(p -> progress.accept(++number[0] + " of " + parts.size() + ": " + p.name()
                + ", " + p.kernels().size() + " kernels"));
            if (refused == null) return null;
            int missing = refused.stream().mapToInt(p -> p.kernels().size()).sum(), all = parts.stream().mapToInt(p -> p.kernels().size()).sum();
            return new Filled(all - missing, refused.stream().map(CommonKernels.Part::name).toList(), cache.folder());
        }
    }
}
