package dev.cresset.kernels.statics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.text.Names;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.fuse.GroupLowering;
import dev.cresset.kernels.fuse.Layouts;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.fuse.LoopNestInterpreter;
import dev.cresset.kernels.fuse.LoweredGroup;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Static subgraphs from text, run node by node; fusion groups by the loop nest interpreter. */
public final class StaticRuns {
    public final Catalog catalog = Operators.catalog();
    private final CallContext context =
        new CallContext(catalog, new Scope(new MemoryPool(1 << 20)), new Generator(1), System.out, 1, false);

    /** A graph whose inputs have complete types; see {@link InferTypes}. */
    public Graph graph(String text) {
        Graph untyped = GraphParser.parse(text, catalog, Names.placeholders());
        return new InferTypes(catalog).run(untyped, new PassContext(catalog));
    }

    public static Tensor[] inputs(Graph graph, Random random) {
        return graph.inputs().stream().map(v -> filled((TensorType) v.type(), random)).toArray(Tensor[]::new);
    }

    private static Tensor filled(TensorType type, Random random) {
        Tensor t = strided(type);
        ScalarType d = type.dtype();
        for (long i = 0, n = t.storage().byteSize() / d.byteSize(); i < n; i++) {
            if (d.isIntegral()) Elements.setLong(t.data(), d, i, d == ScalarType.BOOL ? random.nextInt(2) : random.nextInt(-9, 10));
            else Elements.setDouble(t.data(), d, i, random.nextGaussian());
        }
        return t;
    }

    private static Tensor strided(TensorType type) {
        long[] sizes = type.sizes().stream().mapToLong(Long::longValue).toArray();
        long[] strides = type.strides().stream().mapToLong(Long::longValue).toArray();
        long elements = 1;
        for (int d = 0; d < sizes.length; d++) elements += (sizes[d] - 1) * strides[d];
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, elements * type.dtype().byteSize()), 64);
        return new Tensor(Storage.of(memory), type.dtype(), 0, sizes, strides);
    }

    /** The graph's results. */
    public Tensor[] run(Graph graph, Tensor[] inputs) {
        Map<Value, Object> values = new HashMap<>();
        for (int i = 0; i < inputs.length; i++) values.put(graph.inputs().get(i), inputs[i]);
        for (Node n : graph.nodes()) {
            Object[] results = step(n, n.inputs().stream().map(values::get).toArray());
            for (int i = 0; i < results.length; i++) values.put(n.outputs().get(i), results[i]);
        }
        return graph.outputs().stream().map(v -> (Tensor) values.get(v)).toArray(Tensor[]::new);
    }

    private Object[] step(Node n, Object[] in) {
        switch (n.kind()) {
            case Kinds.CONSTANT -> {
                return new Object[] {n.attribute("value")};
            }
            case Kinds.LIST_CONSTRUCT -> {
                return new Object[] {new ScriptList(((ListType) n.output().type()).element(), Arrays.asList(in))};
            }
            case Kinds.LIST_UNPACK -> {
                return ((List<?>) in[0]).toArray();
            }
            case Kinds.FUSION_GROUP -> {
                return group(n, Arrays.copyOf(in, in.length, Tensor[].class));
            }
            default -> {
                Object result = ((Operator) n.operator()).run(new Args(context, in));
                return result instanceof Object[] several ? several : new Object[] {result};
            }
        }
    }

    /** How a loop nest is run; memory is that of its inputs and then of its results. */
    @FunctionalInterface
    public interface Runner {
        void run(LoopNest nest, List<MemorySegment> memory);
    }

    /** Runs a group by the interpreter. */
    public static Tensor[] group(Node n, Tensor[] in) { return group(n, in, LoopNestInterpreter::run); }

    /** Runs a group where its inputs really lie, which may be other than their types say. */
    public static Tensor[] group(Node n, Tensor[] in, Runner runner) {
        Graph graph = n.subgraph().orElseThrow();
        Tensor[] out = graph.outputs().stream().map(v -> strided((TensorType) v.type())).toArray(Tensor[]::new);
        Layouts layouts = v -> {
            int i = graph.inputs().indexOf(v);
            return i < 0 ? Layouts.BY_TYPE.of(v) : new Layouts.Placement(in[i].offset(), in[i].strides());
        };
        LoweredGroup lowered = GroupLowering.lower(n, layouts);
        List<MemorySegment> memory = new ArrayList<>();
        for (int i : lowered.inputs()) memory.add(in[i].data());
        for (int r : lowered.results()) memory.add(out[r].data());
        runner.run(lowered.nest(), memory);
        return out;
    }

    /** Fails unless both are of one type, and each pair of elements is equal or differs by this share of their size. */
    public static void assertClose(Tensor want, Tensor got, double tolerance, String where) {
        assertEquals(want.type(), got.type(), where);
        double[] a = want.toDoubleArray();
        double[] b = got.toDoubleArray();
        for (int i = 0; i < a.length; i++) {
            boolean same = Double.compare(a[i], b[i]) == 0 || Math.abs(a[i] - b[i]) <= tolerance * (1 + Math.abs(a[i]));
            if (!same) fail("element " + i + ": want " + a[i] + ", got " + b[i] + "\n" + where);
        }
    }
}
