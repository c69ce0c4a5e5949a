package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.KernelCompiler.Unit;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.driver.Cuda;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.KernelFunction;
import dev.cresset.kernels.cuda.driver.KernelModule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The kernels of a device. The common ones come from modules that are compiled ahead ({@link AheadCompiler}); others, and those that
 * are not there yet, are compiled when first needed, each in a module of its own. Compiled code is kept on disk for later processes
 * ({@link CubinCache}). Safe from any thread; a kernel is compiled once.
 */
final class KernelLibrary implements AutoCloseable {
    /** A property: whether common kernels are compiled ahead. True unless set; false on the emulation, whose compiler takes minutes. */
    private static final String AHEAD = "cresset.cuda.ahead";

    private final DeviceContext context;
    private final KernelCompiler compiler;
    private final AheadModules modules;
    private final AheadCompiler ahead;
    private final KernelTexts texts = new KernelTexts();
    private final ConcurrentHashMap<Object, Loaded> functions = new ConcurrentHashMap<>();
    private final List<KernelModule> own = new ArrayList<>();

    KernelLibrary(DeviceContext context) { this(context, CubinCache.ofThisUser(), compilesAhead() ? CommonKernels::parts : null); }

    /** @param common what is compiled ahead; null for nothing */
    KernelLibrary(DeviceContext context, CubinCache cache, Supplier<Stream<CommonKernels.Part>> common) {
        this.context = context;
        compiler = new KernelCompiler(cache, context.properties().architecture());
        modules = new AheadModules(context, cache);
        ahead = new AheadCompiler(compiler, common);
        if (modules.isEmpty()) ahead.start();
    }

    private static boolean compilesAhead() { return Boolean.parseBoolean(System.getProperty(AHEAD, Boolean.toString(!Cuda.isEmulated()))); }

    KernelTexts texts() { return texts; }

    private record Loaded(KernelSource kernel, KernelFunction function) {}

    /** @throws dev.cresset.kernels.cuda.driver.KernelCompileException if the compiler refuses the text */
    KernelFunction function(KernelSource kernel) {
        Loaded known = functions.get(kernel.key());
        return (known != null ? known : functions.computeIfAbsent(kernel.key(), _ -> new Loaded(kernel, load(kernel)))).function;
    }

    /** The kernels that have been needed. */
    List<KernelSource> needed() { return functions.values().stream().map(Loaded::kernel).toList(); }

    private KernelFunction load(KernelSource kernel) {
        Unit alone = compiler.alone(kernel);
        KernelModule module = modules.find(alone.key());
        return (module != null ? module : loadAlone(alone)).function(kernel.entry());
    }

    private KernelModule loadAlone(Unit unit) {
        byte[] code = compiler.cache().find(unit.key());
        if (code == null) {
            ahead.start();   // what is missing here may be missing altogether
            code = ahead.first(() -> compiler.code(unit, false));
        }
        KernelModule module = new KernelModule(context, code);
        synchronized (own) {
            own.add(module);
        }
        return module;
    }

    /** No kernel may be running. Waits for what is being compiled in the background. */
    @Override public void close() {
        ahead.close();
        modules.close();
        synchronized (own) {
            own.forEach(KernelModule::close);
            own.clear();
        }
    }
}
