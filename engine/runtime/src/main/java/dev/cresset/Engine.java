package dev.cresset;

import dev.cresset.ir.archive.ModelFile;
import dev.cresset.ir.diag.ArchiveException;
import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.Device;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.DeviceMemoryStatistics;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.op.Precision;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.kernels.plan.Target;
import dev.cresset.profiler.timeline.Timeline;
import dev.cresset.runtime.call.Accelerator;
import dev.cresset.runtime.call.MemoryLimit;
import dev.cresset.runtime.call.Settings;
import dev.cresset.runtime.executor.Background;
import dev.cresset.runtime.executor.ExecutorSettings;
import dev.cresset.runtime.executor.ProgramExecutor;
import dev.cresset.runtime.interpreter.GraphPreparation;
import dev.cresset.runtime.interpreter.Interpreter;
import dev.cresset.runtime.load.DeviceWeights;
import dev.cresset.runtime.load.LoadedProgram;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Tensor;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Loads TorchScript programs and runs them. One engine serves a whole process; it and all it makes may be used from any
 * number of threads.
 *
 * <pre>{@code
 * try (Engine engine = Engine.create();
 *      Program program = engine.load(Path.of("model.pt"));
 *      Result result = program.instantiate().forward(Tensor.of(pixels, 1, 3, 224, 224))) {
 *     float[] scores = result.tensor().toFloatArray();
 * }
 * }</pre>
 */
public final class Engine implements AutoCloseable {
    private static final long DEFAULT_CACHE_BYTES = 1L << 30;

    private final Settings settings;
    private final Accelerator accelerator;     // null on the host
    private final ExecutorService forks;
    private final ExecutorSettings execution;
    private final Background background = new Background();
    private final Interpreter interpreter;

    private Engine(Builder b) {
        MemoryPool pool = new MemoryPool(b.cacheBytes, b.memoryBytes);
        Catalog catalog = Operators.catalog();
        forks = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("cresset-fork-", 0).factory());
        if (b.device.isCpu() && b.precision.narrow() != null) {
            throw new UnsupportedException("precision " + b.precision + " is for --device cuda (Engine.builder().device(\"cuda\")): the cpu computes float32 "
                + "programs with all of float32", List.of());
        }
        accelerator = b.device.isCpu() ? null
            : new Accelerator(CudaDevice.open(Math.max(0, b.device.index()), b.deviceMemoryBytes, b.deviceCacheBytes),
                b.cpuFallback ? new CpuFallback() : null, b.precision);
        settings = new Settings(catalog, pool, new Generator(b.seed), b.out, b.threads, accelerator, b.timeline, false);
        execution = new ExecutorSettings(b.mode, b.profileRuns, b.planBytes);
        Thread.ofPlatform().daemon().name("cresset-prepare").start(catalog::prepare);
        interpreter = new Interpreter(new GraphPreparation(catalog, pool, accelerator == null ? null : accelerator.device(), b.precision.narrow() != null), pool, forks);
    }

    /** An engine with the default settings. */
    public static Engine create() { return builder().build(); }

    public static Builder builder() { return new Builder(); }

    /** Settings of an engine. */
    public static final class Builder {
        private int threads = Runtime.getRuntime().availableProcessors();
        private Device device = Device.CPU;
        private boolean cpuFallback;
        private Precision precision = Precision.PYTORCH;
        private long deviceMemoryBytes = Long.MAX_VALUE, deviceCacheBytes = -1;
        private long cacheBytes = DEFAULT_CACHE_BYTES;
        private long memoryBytes = MemoryLimit.ofThisMachine();
        private long seed;
        private PrintStream out = System.out;
        private Timeline timeline;
        private ExecutionMode mode = ExecutionMode.DEFAULT;
        private int profileRuns = 2;
        private long planBytes = 512L << 20;

        private Builder() {}

        /** How programs run; {@link ExecutionMode#DEFAULT} unless set. */
        public Builder mode(ExecutionMode how) {
            mode = how;
            return this;
        }

        /**
         * Bytes outside the heap that the plans of one method may hold: packed weights, primitives, intermediate tensors;
         * 512 MiB unless set. One plan is kept whatever it takes.
         */
        public Builder planBytes(long bytes) {
            planBytes = bytes;
            return this;
        }

        /** How many runs of a method are recorded before it is specialised; 2 unless set. */
        public Builder profileRuns(int count) {
            if (count < 1) throw new IllegalArgumentException("at least 1 run must be recorded, got " + count);
            profileRuns = count;
            return this;
        }

        /** How many threads one call may use for its kernels; the number of processors unless set. */
        public Builder threads(int count) {
            if (count < 1) throw new IllegalArgumentException("threads must be at least 1, got " + count);
            threads = count;
            return this;
        }

        /**
         * Where programs run: {@code cpu} (unless set), {@code cuda}, {@code cuda:N}. What an archive recorded for another
         * device is brought here, and what its code makes is made here. {@link #build} fails if there is no such device.
         *
         * @throws UnsupportedException for a kind of device that this version does not have
         */
        public Builder device(Device where) {
            if (!where.isCpu() && !where.isCuda()) {
                throw new UnsupportedException("device '" + where + "' is not there: this version of Cresset runs on cpu and cuda", List.of());
            }
            device = where;
            return this;
        }

        /** As {@link #device(Device)}, by its name. */
        public Builder device(String where) { return device(Device.parse(where)); }

        /**
         * Whether the CPU runs operators that the device has no kernel for; each such call waits for copies, which
         * {@link Explanation} counts. Without it a program that has such an operator is not loaded.
         */
        public Builder cpuFallback(boolean allowed) {
            cpuFallback = allowed;
            return this;
        }

        /**
         * How exact float32 is on a device; {@link Precision#PYTORCH} unless set. The host always computes with all of float32:
         * {@link #build} fails if it is asked for less than that in 16 bits.
         */
        public Builder precision(Precision howExact) {
            precision = howExact;
            return this;
        }

        /** Bytes of the device's memory that may be in use at once; no limit unless set. */
        public Builder deviceMemoryBytes(long bytes) {
            deviceMemoryBytes = bytes;
            return this;
        }

        /**
         * Bytes of the device's memory for what may be needed again: what plans work in, with their recorded work, and kernels, of all
         * programs together; half of the device's memory unless set. What was not used for longest goes first, what is in use stays
         * whatever it takes, and all that is idle goes before the device is out of memory.
         */
        public Builder deviceCacheBytes(long bytes) {
            if (bytes < 0) throw new IllegalArgumentException("a cache has at least 0 bytes, got " + bytes);
            deviceCacheBytes = bytes;
            return this;
        }

        /** Bytes of returned tensor memory that are kept for the next call; 1 GiB unless set. */
        public Builder cacheBytes(long bytes) {
            cacheBytes = bytes;
            return this;
        }

        /**
         * Bytes of tensor memory that may be in use at once; four fifths of the machine's memory unless set. A call
         * that
         * needs more fails with an error, and the next call works.
         */
        public Builder memoryBytes(long bytes) {
            memoryBytes = bytes;
            return this;
        }

        /** The seed of the random numbers, 0 unless set; the same as {@code torch.manual_seed} in a program. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** Where the programs' {@code print} goes; standard output unless set. */
        public Builder out(PrintStream stream) {
            out = stream;
            return this;
        }

        /** Records each operator that runs, with its time and source line; costs a little. Null (the default) records nothing. */
        public Builder timeline(Timeline recorder) {
            timeline = recorder;
            return this;
        }

        public Engine build() { return new Engine(this); }
    }

    /**
     * Loads a {@code .pt} archive (any generation). Weights stored uncompressed are mapped, not copied: the file must
     * stay
     * as it is while the program is in use.
     *
     * @throws ArchiveException      if the file is missing, malformed, or no TorchScript archive; the message says
     * which
     * @throws UnsupportedException  if loading itself needs an operator that is not supported
     * @throws CressetException      if code that loading needs does not compile
     */
    public Program load(Path file) { return program(ModelFile.open(file)); }

    /** As {@link #load(Path)}, for an archive in memory. @param name how errors name it */
    public Program load(byte[] archive, String name) { return program(ModelFile.open(archive, name)); }

    private Program program(ModelFile file) {
        DeviceWeights weights = accelerator == null ? null : new DeviceWeights(accelerator);
        Runnable free = weights == null ? () -> { } : weights::close;
        try {
            LoadedProgram loaded = LoadedProgram.load(file, settings.catalog(), interpreter, settings.pool(), settings.out(), weights);
            ProgramExecutor executor = new ProgramExecutor(settings.catalog(), interpreter, execution, background,
                accelerator == null ? Target.host(settings.threads()) : accelerator.target(), loaded.prototype(), free);
            Program program = new Program(settings, interpreter, loaded, executor);
            if (accelerator != null && accelerator.fallback() == null) verifyKernels(program);
            return program;
        } catch (RuntimeException | Error e) {
            file.close();
            free.run();
            throw e;
        }
    }

    /** All operators without kernel at once, before anything runs. */
    private void verifyKernels(Program program) {
        List<String> missing = program.report().operators().stream().filter(LoadReport.Use::isSupported).map(LoadReport.Use::operator)
            .filter(name -> !settings.catalog().get(name).runsOnCuda()).toList();
        if (!missing.isEmpty()) throw Operator.noKernel(missing, accelerator.device());
    }

    /** All operators this engine knows. */
    public Catalog catalog() { return settings.catalog(); }

    /** The memory of tensors; its counters tell whether results were left open. */
    public MemoryPool memory() { return settings.pool(); }

    /** Where programs run. */
    public Device device() { return accelerator == null ? Device.CPU : accelerator.device(); }

    /**
     * A copy of a tensor on this engine's device, so that calls need not bring it there again; whoever asked for it closes it. Where
     * programs run on the host it is the tensor itself. Returns before the copy is done; calls wait for it.
     *
     * @throws CressetException if the device has no memory for it
     */
    public Tensor toDevice(Tensor t) { return accelerator == null || t.storage().isOnDevice() ? t : accelerator.copy(t, settings); }

    /** Waits until the device has done all that it was given; calls return before it has. */
    public void synchronize() { if (accelerator != null) accelerator.cuda().synchronize(); }

    /**
     * Whether the engine can run programs. A device that has reported an error after which it answers nothing else is lost:
     * all calls on it fail until the process is started anew.
     */
    public Health health() {
        return accelerator == null || !accelerator.cuda().isLost() ? Health.GOOD : new Health(false, accelerator.cuda().lostBecause());
    }

    /** Memory of the device; zeros where programs run on the host. */
    public DeviceMemoryStatistics deviceMemory() {
        return accelerator == null ? DeviceMemoryStatistics.NONE : accelerator.cuda().statistics();
    }

    /**
     * What ran on the CPU in calls on a device, by operator: because the device has no kernel for it (see
     * {@link Builder#cpuFallback}), or, for decompositions and a few others, because it always does.
     */
    public List<CpuFallback.Use> cpuFallbacks() {
        if (accelerator == null) return List.of();
        List<CpuFallback.Use> uses = new ArrayList<>(accelerator.throughHost().uses());
        if (accelerator.fallback() != null) uses.addAll(accelerator.fallback().uses());
        return uses;
    }

    /** Ends the engine's threads and frees cached memory and packed weights. Results still open stay readable. */
    @Override public void close() {
        background.close();
        if (accelerator != null) background.awaitEnd();
        forks.shutdown();
        settings.catalog().close();
        settings.pool().trim();
        if (accelerator != null) accelerator.cuda().close();
    }
}
