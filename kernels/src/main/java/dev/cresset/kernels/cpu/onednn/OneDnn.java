package dev.cresset.kernels.cpu.onednn;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * oneDNN as this program uses it: primitives on raw native memory, compiled once per shape and kept, for any number of
 * threads at once. {@link #create} makes the engine, {@link #threads} gives the same engine with another number of
 * threads per call. What is wrong with an argument is thrown before anything runs; what oneDNN does not have is a
 * {@link dev.cresset.ir.diag.UnsupportedException}.
 */
public final class OneDnn implements AutoCloseable {
    /** Bounds of what is kept between calls. */
    public record Settings(int threads, int primitives, long packedWeightBytes) {
        public Settings {
            if (threads < 1) throw new IllegalArgumentException("a call needs one thread at least, got " + threads);
        }

        public static Settings ofThreads(int threads) { return new Settings(threads, 512, 4L << 30); }
    }

    /** What all thread counts have in common. */
    record Shared(long engine, PrimitiveCache primitives, PackedWeights weights, Lanes lanes) {}

    private record Key(Object spec, int threads) {}

    /** Multiplications and additions below which one thread is faster: a few microseconds of one core. */
    private static final long SMALL_WORK = 400_000;

    private final Shared shared;
    private final int threads;

    private OneDnn(Shared shared, int threads) {
        this.shared = shared;
        this.threads = threads;
    }

    /**
     * @throws dev.cresset.ir.diag.UnsupportedException if the library is not there, see {@link
     *         OneDnnLibrary#isAvailable()}
     */
    public static OneDnn create(Settings settings) {
        OneDnnLibrary.verifyAvailable();
        // the cache here keeps them, a second one would only keep them longer
        OneDnnLibrary.setPrimitiveCacheCapacity(0);
        long engine = OneDnnLibrary.createEngine();
        return new OneDnn(new Shared(engine, new PrimitiveCache(settings.primitives()),
                new PackedWeights(settings.packedWeightBytes()), new Lanes(engine)), settings.threads());
    }

    /** The same engine and caches, each call using this many threads. */
    public OneDnn threads(int count) {
        if (count < 1) throw new IllegalArgumentException("a call needs one thread at least, got " + count);
        return count == threads ? this : new OneDnn(shared, count);
    }

    public int threads() { return threads; }

    /** The same engine with one thread where the work is less than what starting a second one costs. */
    OneDnn forWork(long operations) { return isSmall(operations) ? threads(1) : this; }

    static boolean isSmall(long operations) { return operations < SMALL_WORK; }

    /**
     * C = A · B (+ bias), see {@link MatmulSpec}; bias is null where the spec has none; operands are those of binary
     * post-ops. Matrices without a dimension of stride 1 are copied first.
     */
    public void matmul(MatmulSpec spec, MemorySegment a, MemorySegment b, MemorySegment bias, MemorySegment c,
            MemorySegment... operands) {
        OneDnn engine = forWork(spec.operations());
        MatmulSpec direct = spec.direct();
        if (engine != this) {
            engine.matmul(spec, a, b, bias, c, operands);
        } else if (direct == spec) {
            run(spec, () -> spec.build(shared.engine), arguments(a, b, c, bias, operands));
        } else {
            matmul(direct, spec, a, c, (lane, primitive, left, result) -> primitive.execute(lane, arguments(left,
                    converted(lane, Lane.WEIGHTS, new DnnMemory(spec.b(), b), direct.b()), result, bias, operands)));
        }
    }

    /** The same with a B that is constant: it is packed once, into the order the kernel likes best. */
    public void matmulPacked(MatmulSpec spec, MemorySegment a, Weights b, MemorySegment bias, MemorySegment c,
            MemorySegment... operands) {
        OneDnn engine = forWork(spec.operations());
        if (engine != this) {
            engine.matmulPacked(spec, a, b, bias, c, operands);
            return;
        }
        matmul(spec.direct().withPackedB(), spec, a, c, (lane, primitive, left, result) ->
                withWeights(lane, Lane.WEIGHTS, b, spec.b(), primitive.layout(Dnn.ARG_WEIGHTS),
                        weights -> primitive.execute(lane, arguments(left, weights, result, bias, operands))));
    }

    /** A matrix product whose A and C lie as the kernel wants them. */
    private interface Product {
        void run(Lane lane, DnnPrimitive primitive, MemorySegment a, MemorySegment c);
    }

    private void matmul(MatmulSpec direct, MatmulSpec given, MemorySegment a, MemorySegment c, Product product) {
        DnnPrimitive primitive = enter(direct, () -> direct.build(shared.engine));
        Lane lane = shared.lanes.take();
        try {
            MemorySegment left = converted(lane, Lane.SOURCE, new DnnMemory(given.a(), a), direct.a());
            if (direct.c() == given.c()) {
                product.run(lane, primitive, left, c);
                return;
            }
            DnnMemory target = new DnnMemory(given.c(), c);
            DnnMemory result = lane.buffer(Lane.RESULT, direct.c());
            if (given.postOps().readsDestination()) reorder(lane, target, result);
            product.run(lane, primitive, left, result.segment());
            reorder(lane, result, target);
        } finally {
            shared.lanes.give(lane);
            primitive.leave();
        }
    }

    /**
     * A convolution whose source and result lie as oneDNN likes best; other orders are converted on the way in and out.
     */
    public Convolution convolution(ConvSpec spec) { return new Convolution(this, spec, null, null); }

    /** A convolution that reads and writes exactly these layouts; null leaves that one to oneDNN. */
    public Convolution convolution(ConvSpec spec, DnnLayout src, DnnLayout dst) {
        return new Convolution(this, spec, src, dst);
    }

    /** One layer and direction of a recurrent network. */
    public RnnLayer rnn(RnnSpec spec) { return new RnnLayer(this, spec); }

    /**
     * Copies a tensor into another order or element type; nothing happens if both are the same memory in the same
     * order.
     */
    public void reorder(DnnMemory from, DnnMemory to) {
        Lane lane = shared.lanes.take();
        try {
            reorder(lane, from, to);
        } finally {
            shared.lanes.give(lane);
        }
    }

    /** The order in which pooling with this spec writes its result. */
    public DnnLayout poolLayout(PoolSpec spec) {
        DnnPrimitive primitive = enter(spec, () -> spec.build(shared.engine));
        try {
            return primitive.layout(Dnn.ARG_DST);
        } finally {
            primitive.leave();
        }
    }

    /** Pools; src and dst lie as the spec says, dst as {@link #poolLayout} answers where the spec leaves it open. */
    public void pool(PoolSpec spec, MemorySegment src, MemorySegment dst) {
        run(spec, () -> spec.build(shared.engine), src, dst);
    }

    /** Applies a chain of functions to each element; dst has src's layout and may be the same memory. */
    public void eltwise(PostOps chain, DnnMemory src, DnnMemory dst) {
        if (!dst.layout().equals(src.layout()) || chain.ops().isEmpty()) {
            throw new IllegalArgumentException("an elementwise chain has one step at least and keeps the layout, got "
                    + chain
                    + " from " + src.layout() + " to " + dst.layout());
        }
        MemorySegment from = src.segment();
        for (PostOps.Op op : chain.ops()) { // oneDNN does not chain them in one primitive
            if (!(op instanceof PostOps.Op.Eltwise function)) {
                throw new IllegalArgumentException("an elementwise chain has functions of one element only, got " + op);
            }
            var spec = new Pointwise.Eltwise(function, src.layout());
            run(spec, () -> spec.build(shared.engine), from, dst.segment());
            from = dst.segment();
        }
    }

    /** dst = a + b, sizes 1 of b broadcast, then the post-ops. */
    public void add(DnnMemory a, DnnMemory b, DnnMemory dst, PostOps then) { binary(Dnn.BINARY_ADD, a, b, dst, then); }

    /** dst = a · b element by element, sizes 1 of b broadcast, then the post-ops. */
    public void multiply(DnnMemory a, DnnMemory b, DnnMemory dst, PostOps then) {
        binary(Dnn.BINARY_MUL, a, b, dst, then);
    }

    private void binary(int algorithm, DnnMemory a, DnnMemory b, DnnMemory dst, PostOps then) {
        var spec = new Pointwise.Binary(algorithm, a.layout(), b.layout(), dst.layout(), then);
        run(spec, () -> spec.build(shared.engine), a.segment(), b.segment(), dst.segment());
    }

    /**
     * Batch normalization in evaluation mode, one float per channel each; dst has src's layout and may be the same
     * memory.
     */
    public void batchNorm(DnnMemory src, MemorySegment mean, MemorySegment variance, MemorySegment scale,
            MemorySegment shift, float epsilon, DnnMemory dst, PostOps then) {
        if (!dst.layout().equals(src.layout())) {
            throw new IllegalArgumentException("batch normalization keeps the layout, got " + src.layout() + " and "
                    + dst.layout());
        }
        var spec = new Pointwise.BatchNorm(src.layout(), epsilon, then);
        run(spec, () -> spec.build(shared.engine), src.segment(), mean, variance, scale, shift, dst.segment());
    }

    // ---- calls made ready for good

    /** A matrix product; A, B and C must lie as the call says, which is as the spec does where that is definite. */
    public PreparedCall prepare(MatmulSpec spec) { return prepare(spec.operations(), () -> spec.build(shared.engine)); }

    /** A convolution; null leaves a layout to oneDNN. The call says which it chose. */
    public PreparedCall prepare(ConvSpec spec, DnnLayout src, DnnLayout dst) {
        return prepare(spec.operations(), () -> spec.build(shared.engine, src, dst));
    }

    public PreparedCall prepare(PoolSpec spec) { return prepare(spec.operations(), () -> spec.build(shared.engine)); }

    /** A copy into another order. */
    public PreparedCall prepareReorder(DnnLayout from, DnnLayout to) {
        return prepare(from.byteSize(), () -> new Reorder(from, to).build(shared.engine));
    }

    private PreparedCall prepare(long operations, Supplier<DnnPrimitive> build) {
        int count = forWork(operations).threads;
        OneDnnLibrary.setThreads(count);
        return new PreparedCall(build.get().madeFor(count));
    }

    /** Where prepared calls run; one for each thread that runs them. */
    public DnnStream stream() { return new DnnStream(shared.engine); }

    /** Drops what was packed for this owner. */
    public void forget(Object owner) { shared.weights.forget(owner); }

    /** Bytes of packed weights now held. */
    public long packedWeightBytes() { return shared.weights.bytes(); }

    /** Compiled primitives now held. */
    public int primitiveCount() { return shared.primitives.size(); }

    /** Frees everything; no call may be running or follow. */
    @Override public void close() {
        shared.primitives.close();
        shared.weights.close();
        shared.lanes.close();
        OneDnnLibrary.destroy(OneDnnLibrary.Kind.ENGINE, shared.engine);
    }

    Shared shared() { return shared; }

    /** Takes the primitive from the cache or makes it, for this thread count; the caller leaves it. */
    DnnPrimitive enter(Object spec, Supplier<DnnPrimitive> build) {
        return shared.primitives.enter(new Key(spec, threads), () -> {
            OneDnnLibrary.setThreads(threads);
            return build.get().madeFor(threads);
        });
    }

    void run(Object spec, Supplier<DnnPrimitive> build, MemorySegment... data) {
        DnnPrimitive primitive = enter(spec, build);
        Lane lane = shared.lanes.take();
        try {
            primitive.execute(lane, data);
        } finally {
            shared.lanes.give(lane);
            primitive.leave();
        }
    }

    void reorder(Lane lane, DnnMemory from, DnnMemory to) {
        if (from.equals(to)) return;
        Reorder spec = new Reorder(from.layout(), to.layout());
        DnnPrimitive primitive = enter(spec, () -> spec.build(shared.engine));
        try {
            primitive.execute(lane, from.segment(), to.segment());
        } finally {
            primitive.leave();
        }
    }

    /** Something done with weights that are in the wanted order while it runs. */
    interface WithWeights {
        void run(MemorySegment weights);
    }

    void withWeights(Lane lane, int place, Weights weights, DnnLayout from, DnnLayout to, WithWeights action) {
        DnnMemory given = new DnnMemory(from, weights.segment());
        if (from.equals(to)) action.run(weights.segment());
        else withPacked(lane, place, weights, from, to, target -> reorder(lane, given, target), action);
    }

    /** Packs into the cache if the weights have an owner, else into the lane's buffer at this place. */
    void withPacked(Lane lane, int place, Weights weights, DnnLayout from, DnnLayout to, Consumer<DnnMemory> pack,
            WithWeights action) {
        if (weights.owner() == null) {
            DnnMemory packed = lane.buffer(place, to);
            pack.accept(packed);
            action.run(packed.segment());
            return;
        }
        PackedWeights.Entry entry = shared.weights.enter(weights, from, to, pack);
        try {
            action.run(entry.memory().segment());
        } finally {
            entry.leave();
        }
    }

    /** The tensor in the wanted order: itself, or a copy in the lane's buffer at this place. */
    MemorySegment converted(Lane lane, int place, DnnMemory given, DnnLayout wanted) {
        if (given.layout().equals(wanted)) return given.segment();
        DnnMemory copy = lane.buffer(place, wanted);
        reorder(lane, given, copy);
        return copy.segment();
    }

    /**
     * The segments in the order of the primitive's arguments: bias only where there is one, then the operands of
     * post-ops.
     */
    static MemorySegment[] arguments(MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment bias,
            MemorySegment... operands) {
        int fixed = bias == null ? 3 : 4;
        MemorySegment[] all = new MemorySegment[fixed + operands.length];
        all[0] = a;
        all[1] = b;
        all[2] = c;
        if (bias != null) all[3] = bias;
        System.arraycopy(operands, 0, all, fixed, operands.length);
        return all;
    }
}
