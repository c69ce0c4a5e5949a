package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.code.Prelude;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.KernelFunction;
import dev.cresset.kernels.cuda.driver.KernelModule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kernels of a device: compiled when first needed, each in a module of its own. Compiled code is kept on disk for later
 * processes ({@link CubinCache}). Safe from any thread; a kernel is compiled once.
 */
final class KernelLibrary implements AutoCloseable {
    private final DeviceContext context;
    private final CubinCache cache = CubinCache.ofThisUser();
    private final PointwiseKernels pointwise = new PointwiseKernels();
    private final ConcurrentHashMap<String, KernelFunction> functions = new ConcurrentHashMap<>();
    private final List<KernelModule> modules = new ArrayList<>();

    KernelLibrary(DeviceContext context) { this.context = context; }

    PointwiseKernels pointwise() { return pointwise; }

    /** @throws dev.cresset.kernels.cuda.driver.KernelCompileException if the compiler refuses the text */
    KernelFunction function(KernelSource kernel) {
        KernelFunction known = functions.get(kernel.entry());
        return known != null ? known : functions.computeIfAbsent(kernel.entry(), name -> load(name, KernelSource.module(List.of(kernel))).function(name));
    }

    private KernelModule load(String name, String source) {
        byte[] cubin = cache.get(name + ".cu", source, context.properties().architecture(), Prelude.OPTIONS);
        KernelModule module = new KernelModule(context, cubin);
        synchronized (modules) {
            modules.add(module);
        }
        return module;
    }

    @Override public void close() {
        synchronized (modules) {
            modules.forEach(KernelModule::close);
            modules.clear();
        }
    }
}
