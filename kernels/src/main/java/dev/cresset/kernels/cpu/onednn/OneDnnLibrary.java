package dev.cresset.kernels.cpu.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.diag.UnsupportedException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * oneDNN's C library: loads it and binds the calls that every primitive needs. Opaque handles travel as {@code long},
 * arrays as segments. A failure to load is a value, {@link #loadFailure()}; the bound calls then throw it.
 *
 * <p>System properties, read once: {@code cresset.onednn.path} (another libdnnl.so); {@code cresset.omp.wait_policy},
 * {@code cresset.omp.num_threads} and {@code cresset.omp.spin_count} (put into the environment as OMP_WAIT_POLICY,
 * OMP_NUM_THREADS and GOMP_SPINCOUNT before the library is loaded, because its thread library reads them when it is
 * loaded; unless anything says otherwise, GOMP_SPINCOUNT is 1000).
 */
public final class OneDnnLibrary {
    private record Loaded(Optional<LinkageError> failure, SymbolLookup symbols, String path) {}

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Loaded LIBRARY = load();
    private static final boolean GOMP = LIBRARY.symbols.find("GOMP_parallel").isPresent();

    /** For calls of a few nanoseconds that neither block nor call back: the thread stays in Java's state. */
    private static final Linker.Option BRIEF = Linker.Option.critical(false);

    private static final MethodHandle ENGINE_CREATE = bind("dnnl_engine_create", JAVA_INT, ADDRESS, JAVA_INT,
            JAVA_LONG);
    private static final MethodHandle STREAM_CREATE = bind("dnnl_stream_create", JAVA_INT, ADDRESS, JAVA_LONG,
            JAVA_INT);
    private static final MethodHandle PRIMITIVE_CREATE = bind("dnnl_primitive_create", JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle EXECUTE =
            bind("dnnl_primitive_execute", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MEMORY_CREATE =
            bind("dnnl_memory_create", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SET_DATA_HANDLE =
            bindBrief("dnnl_memory_set_data_handle", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SET_NUM_THREADS =
            bindVoid("omp_set_num_threads", JAVA_INT);
    private static final MethodHandle DESC_WITH_STRIDES =
            bind("dnnl_memory_desc_create_with_strides", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
    private static final MethodHandle DESC_WITH_TAG =
            bind("dnnl_memory_desc_create_with_tag", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle DESC_WITH_BLOB = bind("dnnl_memory_desc_create_with_blob", JAVA_INT, ADDRESS,
            ADDRESS);
    private static final MethodHandle DESC_GET_BLOB =
            bind("dnnl_memory_desc_get_blob", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle DESC_SIZE = bind("dnnl_memory_desc_get_size", JAVA_LONG, JAVA_LONG);
    private static final MethodHandle DESC_QUERY =
            bind("dnnl_memory_desc_query", JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS);
    private static final MethodHandle PD_QUERY_MD =
            bind("dnnl_primitive_desc_query_md", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle PD_QUERY =
            bind("dnnl_primitive_desc_query", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS);

    private OneDnnLibrary() {}

    /** True if the library is loaded on this machine. */
    public static boolean isAvailable() { return LIBRARY.failure.isEmpty(); }

    /** Why the library is not there, if it is not. */
    public static Optional<LinkageError> loadFailure() { return LIBRARY.failure; }

    /** @throws UnsupportedException that says why the library is not there */
    public static void verifyAvailable() {
        LIBRARY.failure.ifPresent(e -> {
            throw new UnsupportedException("oneDNN is not available: " + e.getMessage(), List.of());
        });
    }

    /** The file the library was loaded from. */
    public static String path() { return LIBRARY.path; }

    /** The library's own version, for example {@code 3.11.0}. */
    public static String version() {
        verifyAvailable();
        try {
            MethodHandle call = bind("dnnl_version", ADDRESS);
            // dnnl_version_t: int major, minor, patch; …
            MemorySegment v = ((MemorySegment) call.invokeExact()).reinterpret(32);
            return v.get(JAVA_INT, 0) + "." + v.get(JAVA_INT, 4) + "." + v.get(JAVA_INT, 8);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The instruction set oneDNN generates code for on this machine, for example {@code avx512_core_bf16}. */
    public static String cpuIsa() {
        verifyAvailable();
        try {
            return Dnn.isaName((int) bind("dnnl_get_effective_cpu_isa", JAVA_INT).invokeExact());
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    static long createEngine() {
        return create("creating the CPU engine", out -> (int) ENGINE_CREATE.invokeExact(out, Dnn.CPU, 0L));
    }

    /** How many primitives the library itself keeps when nobody uses them any more. */
    static void setPrimitiveCacheCapacity(int capacity) {
        try {
            check((int) bind("dnnl_set_primitive_cache_capacity", JAVA_INT, JAVA_INT).invokeExact(capacity),
                    "setting a capacity");
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    static long createStream(long engine) {
        return create("creating a stream", out -> (int) STREAM_CREATE.invokeExact(out, engine, Dnn.STREAM_IN_ORDER));
    }

    static long createPrimitive(long descriptor, String doing) {
        return create(doing, out -> (int) PRIMITIVE_CREATE.invokeExact(out, descriptor));
    }

    /** A memory object without data; {@link #setData} gives it some. */
    static long createMemory(long engine, long layout) {
        return create("creating a memory object", out -> (int) MEMORY_CREATE.invokeExact(out, layout, engine, 0L));
    }

    static void setData(long memory, long address) {
        try {
            check((int) SET_DATA_HANDLE.invokeExact(memory, address), "giving a memory object its data");
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** How many threads the parallel regions started by the calling thread use from now on. */
    static void setThreads(int threads) {
        try {
            SET_NUM_THREADS.invokeExact(threads);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Runs a primitive; {@code arguments} is the address of {@code count} dnnl_exec_arg_t of 16 bytes each. */
    static int execute(long primitive, long stream, int count, long arguments) {
        try {
            return (int) EXECUTE.invokeExact(primitive, stream, count, arguments);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    static long describePlain(MemorySegment sizes, int rank, int type, MemorySegment strides) {
        return create("describing a tensor by its strides",
                out -> (int) DESC_WITH_STRIDES.invokeExact(out, rank, sizes, type, strides));
    }

    static long describeAny(MemorySegment sizes, int rank, int type) {
        return create("describing a tensor by its sizes",
                out -> (int) DESC_WITH_TAG.invokeExact(out, rank, sizes, type, Dnn.FORMAT_TAG_ANY));
    }

    static long describeBlob(byte[] blob) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, blob);
            return create("restoring a tensor's description", out -> (int) DESC_WITH_BLOB.invokeExact(out, bytes));
        }
    }

    static byte[] blob(long layout) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(JAVA_LONG);
            check((int) DESC_GET_BLOB.invokeExact(MemorySegment.NULL, size, layout),
                    "asking for the size of a description");
            MemorySegment bytes = arena.allocate(size.get(JAVA_LONG, 0));
            check((int) DESC_GET_BLOB.invokeExact(bytes, size, layout), "saving a tensor's description");
            return bytes.toArray(JAVA_BYTE);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    static long byteSize(long layout) {
        try {
            return (long) DESC_SIZE.invokeExact(layout);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    static int queryInt(long layout, int what) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_INT);
            check((int) DESC_QUERY.invokeExact(layout, what, out), "querying a tensor's description");
            return out.get(JAVA_INT, 0);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** A dims-valued property of a description; the library answers with a pointer into the description. */
    static long[] queryDims(long layout, int what, int rank) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            check((int) DESC_QUERY.invokeExact(layout, what, out), "querying a tensor's description");
            return out.get(ADDRESS, 0).reinterpret(8L * rank).toArray(JAVA_LONG);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** A description owned by the primitive descriptor; 0 if there is none. */
    static long queryLayout(long descriptor, int what, int index) {
        try {
            return (long) PD_QUERY_MD.invokeExact(descriptor, what, index);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Which of the library's own kernels was chosen, for example {@code brg_conv_fwd:avx512_core}. */
    static String queryName(long descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            check((int) PD_QUERY.invokeExact(descriptor, Dnn.QUERY_IMPL_INFO_STR, 0, out),
                    "asking for a kernel's name");
            return out.get(ADDRESS, 0).reinterpret(256).getString(0);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Destroys an object by the named {@code dnnl_…_destroy}. */
    static void destroy(Kind kind, long handle) {
        try {
            check((int) kind.destroy.invokeExact(handle), "destroying a " + kind);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The kinds of native objects and what destroys them. */
    enum Kind {
        ENGINE("dnnl_engine_destroy"), STREAM("dnnl_stream_destroy"), PRIMITIVE("dnnl_primitive_destroy"),
        DESCRIPTOR("dnnl_primitive_desc_destroy"), MEMORY("dnnl_memory_destroy"), LAYOUT("dnnl_memory_desc_destroy"),
        ATTRIBUTES("dnnl_primitive_attr_destroy"), POST_OPS("dnnl_post_ops_destroy");

        private final MethodHandle destroy;

        Kind(String function) { destroy = bind(function, JAVA_INT, JAVA_LONG); }
    }

    /** A call that writes a new handle to the given place and returns a status. */
    @FunctionalInterface
    interface Create {
        int into(MemorySegment out) throws Throwable;
    }

    static long create(String doing, Create call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            check(call.into(out), doing);
            return out.get(JAVA_LONG, 0);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    static void check(int status, String doing) {
        if (status != Dnn.SUCCESS) throw failure(status, doing);
    }

    static CressetException failure(int status, String doing) {
        String message = "oneDNN failed at " + doing + ": " + Dnn.statusName(status);
        return status == Dnn.UNIMPLEMENTED ? new UnsupportedException(message, List.of())
                : new CressetException(message);
    }

    /** Method handles throw Throwable; nothing but errors and unchecked exceptions can come. */
    static RuntimeException rethrow(Throwable t) {
        if (t instanceof Error e) throw e;
        if (t instanceof RuntimeException e) return e;
        return new CressetException("a call into oneDNN failed: " + t, t);
    }

    /** A function of the library, or of the thread library it uses. */
    static Optional<MemorySegment> find(String function) { return LIBRARY.symbols.find(function); }

    /** True if the library runs its threads by libgomp, and that can be asked to run ours. */
    static boolean hasGomp() { return GOMP; }

    static MethodHandle bind(String function, MemoryLayout result, MemoryLayout... parameters) {
        return link(function, FunctionDescriptor.of(result, parameters));
    }

    private static MethodHandle bindBrief(String function, MemoryLayout result, MemoryLayout... parameters) {
        return link(function, FunctionDescriptor.of(result, parameters), BRIEF);
    }

    private static MethodHandle bindVoid(String function, MemoryLayout... parameters) {
        return link(function, FunctionDescriptor.ofVoid(parameters), BRIEF);
    }

    private static MethodHandle link(String function, FunctionDescriptor type, Linker.Option... options) {
        if (LIBRARY.failure.isPresent()) return thrower(LIBRARY.failure.get(), type);
        return LIBRARY.symbols.find(function)
                .map(address -> LINKER.downcallHandle(address, type, options))
                .orElseGet(() -> thrower(new UnsatisfiedLinkError(LIBRARY.path + " has no function " + function
                        + "; expected oneDNN 3.11 or a later 3.x built with OpenMP"), type));
    }

    private static MethodHandle thrower(LinkageError failure, FunctionDescriptor type) {
        var method = type.toMethodType();
        MethodHandle thrower = MethodHandles.throwException(method.returnType(), LinkageError.class).bindTo(failure);
        return MethodHandles.dropArguments(thrower, 0, method.parameterList());
    }

    /**
     * Its threads spin some tens of microseconds for more work, then sleep. libgomp's own default is to spin for
     * milliseconds: a few per cent faster alone, and many times slower as soon as anything else wants the processors.
     */
    private static String spinCount() {
        boolean decided = System.getenv("GOMP_SPINCOUNT") != null || System.getenv("OMP_WAIT_POLICY") != null
                || System.getProperty("cresset.omp.wait_policy") != null;
        return System.getProperty("cresset.omp.spin_count", decided ? null : "1000");
    }

    private static Loaded load() {
        String given = System.getProperty("cresset.onednn.path");
        try {
            if (given == null && !isLinuxOnX86()) {
                throw new UnsatisfiedLinkError("the oneDNN jar on the class path is for Linux on x86_64, this is "
                        + System.getProperty("os.name") + " on " + System.getProperty("os.arch")
                        + "; name a libdnnl for this machine by -Dcresset.onednn.path");
            }
            setEnvironment("OMP_WAIT_POLICY", System.getProperty("cresset.omp.wait_policy"));
            setEnvironment("OMP_NUM_THREADS", System.getProperty("cresset.omp.num_threads"));
            setEnvironment("GOMP_SPINCOUNT", spinCount());
            if (given != null) return new Loaded(Optional.empty(), open(Path.of(given)), given);
            Path folder = OneDnnFiles.extract();
            open(folder.resolve("libgomp.so.1")); // libdnnl finds it by its name once it is loaded
            Path file = folder.resolve("libdnnl.so.3");
            return new Loaded(Optional.empty(), open(file), file.toString());
        } catch (IOException | IllegalArgumentException | IllegalCallerException e) {
            LinkageError failure = new UnsatisfiedLinkError(e.getMessage());
            failure.initCause(e);
            return new Loaded(Optional.of(failure), name -> Optional.empty(), "");
        } catch (LinkageError e) {
            return new Loaded(Optional.of(e), name -> Optional.empty(), "");
        }
    }

    private static SymbolLookup open(Path file) {
        return SymbolLookup.libraryLookup(file.toAbsolutePath(), Arena.global());
    }

    private static boolean isLinuxOnX86() {
        return System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64");
    }

    private static void setEnvironment(String name, String value) {
        if (value == null) return;
        MethodHandle setenv = LINKER.downcallHandle(LINKER.defaultLookup().find("setenv").orElseThrow(),
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }
}
