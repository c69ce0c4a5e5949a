package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.MeasuredChoices;
import dev.cresset.kernels.cuda.driver.CudaCallException;
import dev.cresset.kernels.cuda.driver.CudaUnsupportedException;
import dev.cresset.kernels.cuda.driver.DnnConvolution;
import dev.cresset.kernels.cuda.driver.DnnConvolution.Algorithm;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.ops.nn.ConvolutionCall;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A convolution of fixed shapes, not transposed, with what is done to its result: a bias, a sum, relu, of which each may be missing.
 * By one call of cuDNN if it does them together, else by one more kernel.
 */
public final class FusedConvolution {
    /** What follows the convolution. */
    public record Epilogue(boolean bias, boolean sum, boolean relu) {
        boolean isEmpty() { return !bias && !sum && !relu; }
    }

    /** One way of doing it. @param together whether cuDNN does what follows in the same call */
    record Way(Algorithm algorithm, boolean together) {
        String name() { return "algorithm " + algorithm.number() + (together ? " together" : ""); }
    }

    private final ConvolutionHandle.Key key;
    private final ScalarType type;
    private final Epilogue epilogue;
    private final List<Way> ways;
    private volatile int chosen;

    private FusedConvolution(ConvolutionHandle.Key key, ScalarType type, Epilogue epilogue, List<Way> ways) {
        this.key = key;
        this.type = type;
        this.epilogue = epilogue;
        this.ways = ways;
    }

    /**
     * Prepares it for a device.
     *
     * @param call         tensors without memory will do
     * @param channelsLast how all tensors lie; otherwise they are row-major
     * @param choices      know or measure which way is the fastest
     * @return null if cuDNN does not compute it
     */
    public static FusedConvolution of(CallContext context, ConvolutionCall call, boolean channelsLast, Epilogue epilogue,
                                      MeasuredChoices choices) {
        ScalarType type = call.input().dtype();
        if (call.transposed() || call.input().numel() == 0 || !Arrays.equals(call.padLeft(), call.padRight())) return null;
        ConvolutionHandle.Key key = ConvolutionHandle.Key.of(call, type, channelsLast, CudaCall.precision(context));
        List<Algorithm> algorithms = new ArrayList<>();
        CudaCall.stream(context).dnn(workshop ->
            algorithms.addAll(workshop.prepared(key, ConvolutionHandle.class, dnn -> new ConvolutionHandle(dnn, key)).algorithms()));
        if (algorithms.isEmpty()) return null;
        List<Way> ways = ways(algorithms, epilogue);
        if (choices.measures()) ways = fastest(algorithms, epilogue, choices, "convolution " + key + " " + epilogue,
            w -> new ConvolutionTrial(context, call, channelsLast).milliseconds(choices, new FusedConvolution(key, type, epilogue, List.of(w)), w.algorithm.workspaceBytes()));
        return new FusedConvolution(key, type, epilogue, ways);
    }

    /** The fastest way, and one that is always possible if that is not. */
    private static List<Way> fastest(List<Algorithm> algorithms, Epilogue epilogue, MeasuredChoices choices, String what, ToDoubleFunction<Way> milliseconds) {
        Map<String, Way> all = new LinkedHashMap<>();
        for (Algorithm a : algorithms) {
            if (a.workspaceBytes() > ConvolutionHandle.MOST_WORKSPACE && a != algorithms.getFirst()) continue;
            boolean together = !epilogue.isEmpty() && (epilogue.relu || a.number() == DnnConvolution.IMPLICIT_PRECOMPUTED);
            for (Way w : together ? List.of(new Way(a, true), new Way(a, false)) : List.of(new Way(a, false))) all.putIfAbsent(w.name(), w);
        }
        Way best = all.get(choices.fastest(what, List.copyOf(all.keySet()), name -> milliseconds.applyAsDouble(all.get(name))));
        return best.together ? List.of(best, new Way(algorithms.getFirst(), false)) : List.of(best);
    }

    /** The best first; the last one is always possible. */
    private static List<Way> ways(List<Algorithm> algorithms, Epilogue epilogue) {
        List<Way> out = new ArrayList<>();
        if (!epilogue.isEmpty()) {
            if (epilogue.relu) out.add(new Way(algorithms.getFirst(), true));
            algorithms.stream().filter(a -> a.number() == DnnConvolution.IMPLICIT_PRECOMPUTED).map(a -> new Way(a, true)).filter(w -> !out.contains(w)).forEach(out::add);
        }
        out.add(new Way(algorithms.getFirst(), false));
        return out;
    }

    /** Device memory that it needs while it runs. */
    public long workspaceBytes() { return ways.stream().mapToLong(w -> w.algorithm.workspaceBytes()).max().orElseThrow(); }

    /** Whether something is added to it. */
    boolean adds() { return epilogue.sum; }

    /** A vector of zeros must stand for a bias that there is none of. */
    public boolean needsBias() { return epilogue.bias || ways.getFirst().together; }

    /**
     * Runs it.
     *
     * @param weight where the weight lies, in the same order as the tensors
     * @param bias   over the channels; null if {@link #needsBias} says that none is needed
     * @param sum    what is added, null if nothing is; it lies as {@code out} does
     * @param space  of {@link #workspaceBytes} bytes
     */
    public void run(CallContext context, Tensor input, long weight, Tensor bias, Tensor sum, Tensor out, long space) {
        if (!call(context, input, weight, bias, sum, out, space).together && !epilogue.isEmpty()) follow(context, bias, sum, out);
    }

    /**
     * The convolution, with what the way does together with it. Returns the way that was possible: what cuDNN does not do it may say to be
     * not supported, or a mistake of the caller's.
     */
    private Way call(CallContext context, Tensor input, long weight, Tensor bias, Tensor sum, Tensor out, long space) {
        Way[] taken = new Way[1];
        CudaStream stream = CudaCall.stream(context);
        stream.dnn(workshop -> {
            ConvolutionHandle handle = workshop.prepared(key, ConvolutionHandle.class, dnn -> new ConvolutionHandle(dnn, key));
            for (int i = chosen; taken[0] == null; i++) {
                Way way = ways.get(i);
                try {
                    if (way.together) handle.runWith(way.algorithm, input.address(), weight, space, sum == null ? 0 : sum.address(), bias.address(), epilogue.relu, out.address());
                    else handle.run(way.algorithm, input.address(), weight, space, out.address());
                    taken[0] = way;
                    chosen = i;
                } catch (CudaUnsupportedException | CudaCallException e) {
                    if (i == ways.size() - 1 || stream.isRecording()) throw e;     // otherwise the next way, from now on
                }
            }
        });
        return taken[0];
    }

    /** What follows as one kernel over the result. */
    private void follow(CallContext context, Tensor bias, Tensor sum, Tensor out) {
        Expr value = load(0);
        List<Object> operands = new ArrayList<>(List.of(out));
        if (epilogue.bias) {
            value = value.add(load(operands.size()));
            operands.add(CudaConvolution.overChannels(bias, out));
        }
        if (epilogue.sum) {
            value = value.add(load(operands.size()));
            operands.add(sum);
        }
        Elementwise.apply(context, epilogue.relu ? value.max(0) : value, out, operands.toArray());
    }

    private Expr load(int i) { return new Expr.Load(i, type).to(Expr.compute(type)); }

    /** For people. */
    @Override public String toString() {
        Way w = ways.get(chosen);
        return (key.channelsLast() ? "channels-last" : "row-major") + ", algorithm " + w.algorithm.number() + (w.together || epilogue.isEmpty() ? "" : ", then a kernel");
    }
}
