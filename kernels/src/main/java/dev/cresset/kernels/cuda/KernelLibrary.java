package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.KernelCompiler.Unit;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.driver.Cuda;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.KernelFunction;
import dev.cresset.kernels.cuda.driver.KernelModule;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The kernels of a device. The common ones come from modules that are compiled ahead ({@link AheadCompiler}); others, and those that
 * are not there yet, are compiled when first needed, each in a module of its own. Compiled code is kept on disk for later processes
 * ({@link CubinCache}). Code in a module of its own that no recorded work needs may go ({@link DeviceCache}), and comes from disk again;
 * modules of common kernels stay. Safe from any thread; a kernel is compiled once.
 */
final class KernelLibrary implements DeviceCache.Part, AutoCloseable {
    /** A property: whether common kernels are compiled ahead. True unless set; false on the emulation, whose compiler takes minutes. */
    private static final String AHEAD = "cresset.cuda.ahead";

    /** Of code in modules of its own, at most: what describes it is on the heap. */
    private static final long BYTES = 256L << 20;

    private final DeviceContext context;
    private final DeviceCache cache;
    private final KernelCompiler compiler;
    private final AheadModules modules;
    private final AheadCompiler ahead;
    private final KernelTexts texts = new KernelTexts();
    private final ConcurrentHashMap<Object, LoadedKernel> kernels = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Object, Object> making = new ConcurrentHashMap<>();    // locks, by key
    private final Set<LoadedKernel> alone = new LinkedHashSet<>();                         // in modules of their own
    private final Queue<LoadedKernel> retired = new ConcurrentLinkedQueue<>();
    private volatile Consumer<KernelSource> watcher = _ -> { };
    private long bytes;

    KernelLibrary(DeviceContext context, DeviceCache cache) { this(context, CubinCache.ofThisUser(), compilesAhead() ? CommonKernels::parts : null, cache); }

    /**
     * @param disk   where compiled code is kept
     * @param common what is compiled ahead; null for nothing
     * @param cache  counts its code from now on, and lets it go
     */
    KernelLibrary(DeviceContext context, CubinCache disk, Supplier<Stream<CommonKernels.Part>> common, DeviceCache cache) {
        this.context = context;
        this.cache = cache;
        cache.add(this);
        compiler = new KernelCompiler(disk, context.properties().architecture());
        modules = new AheadModules(context, disk, cache);
        ahead = new AheadCompiler(compiler, common);
        if (modules.isEmpty()) ahead.start();
    }

    private static boolean compilesAhead() { return Boolean.parseBoolean(System.getProperty(AHEAD, Boolean.toString(!Cuda.isEmulated()))); }

    KernelTexts texts() { return texts; }

    /** True if a kernel has been needed before and is there. */
    boolean has(KernelSource kernel) { return kernels.containsKey(kernel.key()); }

    /**
     * The kernel; whoever asks while it is being made waits for it, and for no other.
     *
     * @throws dev.cresset.kernels.cuda.driver.KernelCompileException if the compiler refuses the text
     */
    LoadedKernel kernel(KernelSource kernel) {
        LoadedKernel known = kernels.get(kernel.key());
        if (known != null) return known.used(cache.now());
        synchronized (making.computeIfAbsent(kernel.key(), _ -> new Object())) {
            known = kernels.get(kernel.key());
            if (known == null) known = load(kernel);
        }
        making.remove(kernel.key());
        return known;
    }

    KernelFunction function(KernelSource kernel) { return kernel(kernel).function(); }

    /** Tells of each kernel that is loaded from now on, a second time if it was given up meanwhile. @param told by any thread */
    void watch(Consumer<KernelSource> told) { watcher = told; }

    /** The kernels that have been needed and were not given up. */
    List<KernelSource> needed() { return kernels.values().stream().map(LoadedKernel::source).toList(); }

    private LoadedKernel load(KernelSource kernel) {
        watcher.accept(kernel);
        Unit alone = compiler.alone(kernel);
        KernelModule shared = modules.find(alone.key());
        if (shared != null) {
            LoadedKernel made = new LoadedKernel(kernel, shared.function(kernel.entry()), null);
            kernels.put(kernel.key(), made);
            return made;
        }
        byte[] code = compiler.cache().find(alone.key());
        if (code == null) {
            ahead.start();   // what is missing here may be missing altogether
            code = ahead.first(() -> compiler.code(alone, false));
        }
        KernelModule module = new KernelModule(context, code);
        LoadedKernel made = new LoadedKernel(kernel, module.function(kernel.entry()), module);
        add(made);
        return made;
    }

    /** Adds one in a module of its own. It may be let go at once, and serves this call nevertheless. */
    private void add(LoadedKernel made) {
        synchronized (alone) {
            made.used(cache.tick());
            alone.add(made);
            kernels.put(made.key(), made);
            change(made.bytes());
            while (bytes > BYTES && oldestUse() < Long.MAX_VALUE) freeOldest();
        }
        cache.trim();
    }

    /** Of code that is wanted. */
    private void change(long difference) {
        bytes += difference;
        cache.count(difference);
    }

    private Optional<LoadedKernel> oldest() { return alone.stream().filter(k -> !k.isKept()).min(Comparator.comparingLong(LoadedKernel::lastUse)); }

    @Override public long oldestUse() {
        synchronized (alone) {
            return oldest().map(LoadedKernel::lastUse).orElse(Long.MAX_VALUE);
        }
    }

    /** It is freed when no call is going on. */
    @Override public void freeOldest() {
        synchronized (alone) {
            oldest().ifPresent(k -> {
                alone.remove(k);
                kernels.remove(k.key());
                change(-k.bytes());
                retired.add(k);
            });
        }
    }

    /** False: the call that is short of memory may have looked up any of them. */
    @Override public boolean freeIdle() { return false; }

    /** True if there is code to free as soon as no call is going on: one may have looked it up before. */
    boolean hasRetired() { return !retired.isEmpty(); }

    /** Frees code that is no longer wanted, when no call and no work is going on. What recorded work has come to use meanwhile stays. */
    void freeRetired() {
        for (LoadedKernel k : retired) {
            if (k.isKept()) continue;
            retired.remove(k);
            k.unload();
        }
    }

    /** Bytes of code on the device. */
    long bytes() {
        synchronized (alone) {
            return bytes + retired.stream().mapToLong(LoadedKernel::bytes).sum() + modules.bytes();
        }
    }

    /** No kernel may be running. Waits for what is being compiled in the background. */
    @Override public void close() {
        cache.remove(this);
        ahead.close();
        modules.close();
        synchronized (alone) {
            change(-bytes);
            alone.forEach(LoadedKernel::unload);
            alone.clear();
            retired.forEach(LoadedKernel::unload);
            retired.clear();
        }
    }
}
