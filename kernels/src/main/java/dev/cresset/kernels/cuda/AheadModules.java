package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.KernelModule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The modules that are on disk with kernels compiled together, whichever process made them: which kernel is in which of them,
 * by the key of the kernel alone. A module is loaded when something of it is first needed. Safe from any thread.
 */
final class AheadModules implements AutoCloseable {
    private final DeviceContext context;
    private final CubinCache cache;
    private final DeviceCache onDevice;
    private final Map<String, String> moduleOf = new HashMap<>();
    private final Set<String> known = new HashSet<>();
    private final Map<String, KernelModule> loaded = new HashMap<>();

    AheadModules(DeviceContext context, CubinCache cache, DeviceCache onDevice) {
        this.context = context;
        this.cache = cache;
        this.onDevice = onDevice;
        look();
    }

    /** Reads what modules hold that have come since. */
    private void look() {
        for (String module : cache.modules()) {
            if (known.contains(module)) continue;
            List<String> kernels = cache.contents(module);
            if (kernels == null) continue;
            known.add(module);
            for (String k : kernels) moduleOf.put(k, module);
        }
    }

    synchronized boolean isEmpty() { return known.isEmpty(); }

    /** The module with a kernel; null if there is none. @param key of the kernel alone, {@link KernelCompiler.Unit#key} */
    synchronized KernelModule find(String key) {
        if (!moduleOf.containsKey(key)) look();
        String module = moduleOf.get(key);
        if (module == null) return null;
        KernelModule there = loaded.get(module);
        if (there != null) return there;
        byte[] code = cache.find(module);
        if (code == null) {
            moduleOf.values().removeIf(module::equals);   // damaged or gone; the next process that misses it makes it again
            known.remove(module);
            return null;
        }
        KernelModule made = new KernelModule(context, code);
        loaded.put(module, made);
        onDevice.count(made.byteSize());
        return made;
    }

    /** Bytes of the modules that are loaded. */
    synchronized long bytes() { return loaded.values().stream().mapToLong(KernelModule::byteSize).sum(); }

    @Override public synchronized void close() {
        onDevice.count(-bytes());
        loaded.values().forEach(KernelModule::close);
        loaded.clear();
    }
}
