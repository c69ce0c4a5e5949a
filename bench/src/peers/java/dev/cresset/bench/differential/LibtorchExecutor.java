package dev.cresset.bench.differential;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import dev.cresset.bench.differential.Outcome.Values;
import dev.cresset.bench.differential.program.Parameter;
import dev.cresset.bench.differential.program.PlainCalls;
import dev.cresset.bench.differential.program.RandomProgram;
import dev.cresset.ir.type.ScalarType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** libtorch through DJL. It does not say what was printed. */
public final class LibtorchExecutor implements Executor {
    private final NDManager root = NDManager.newBaseManager("PyTorch");

    @Override public String name() { return "libtorch"; }

    @Override public List<List<Outcome>> run(RandomProgram program, byte[] archive, List<CallSpec> calls, int passes) throws IOException {
        List<List<Outcome>> all = new ArrayList<>();
        byte[] plain = PlainCalls.archive(program);
        for (int pass = 0; pass < passes; pass++) {
            try (PtNDManager manager = (PtNDManager) root.newSubManager();
                 PtSymbolBlock module = JniUtils.loadModule(manager, new ByteArrayInputStream(plain), false, false)) {
                List<Outcome> outcomes = new ArrayList<>();
                for (CallSpec call : calls) {
                    try (PtNDManager own = (PtNDManager) manager.newSubManager()) {
                        outcomes.add(new Call(own, module, program, call).run());
                    }
                }
                all.add(outcomes);
            }
        }
        return all;
    }

    /** Its optimised graphs lose a value that is read twice by way of a loop. */
    @Override public boolean isOwnFault(String error) { return error.contains("Expected Tensor but got None"); }

    @Override public void close() { root.close(); }

    /** One call, whose arrays belong to a manager of its own. */
    private record Call(PtNDManager manager, PtSymbolBlock module, RandomProgram program, CallSpec spec, Map<Input, PtNDArray> memories) {
        Call(PtNDManager manager, PtSymbolBlock module, RandomProgram program, CallSpec spec) {
            this(manager, module, program, spec, new IdentityHashMap<>());
        }

        Outcome run() {
            List<Values> results = List.of();
            String error = null;
            try {
                results = call(false);
            } catch (EngineException e) {
                error = String.valueOf(e.getMessage());
            }
            Map<String, Values> after = new LinkedHashMap<>(), states = new LinkedHashMap<>();
            for (int i = 0; i < spec.arguments().size(); i++) {
                if (spec.arguments().get(i) instanceof Input input) after.put(program.parameters().get(i).name(), strided(input));
            }
            if (!program.states().isEmpty() || program.counter()) {
                List<Values> asked = call(true);
                for (int i = 0; i < program.states().size(); i++) states.put("self." + program.states().get(i), asked.get(i));
                if (program.counter()) states.put("self.count", asked.getLast());
            }
            return new Outcome(results, after, states, null, error);
        }

        private List<Values> call(boolean ask) {
            List<IValue> arguments = new ArrayList<>(List.of(IValue.from(ask)));
            for (int i = 0; i < spec.arguments().size(); i++) add(program.parameters().get(i), spec.arguments().get(i), arguments);
            try (IValue result = module.forward(arguments.toArray(IValue[]::new))) {
                List<Values> values = new ArrayList<>();
                for (NDArray t : result.toTensorArray(manager)) values.add(values(t));
                return values;
            } finally {
                arguments.forEach(IValue::close);
            }
        }

        private void add(Parameter p, Object argument, List<IValue> to) {
            switch (argument) {
                case Input input -> {
                    to.add(IValue.listFrom(memories.computeIfAbsent(input, this::memory)));
                    to.add(IValue.listFrom(input.sizes()));
                    to.add(IValue.listFrom(input.strides()));
                    to.add(IValue.from(input.offset()));
                }
                case null -> {
                    to.add(IValue.listFrom(new PtNDArray[0]));
                    to.add(IValue.listFrom(new long[0]));
                    to.add(IValue.listFrom(new long[0]));
                    to.add(IValue.from(0L));
                }
                case Long n -> to.add(IValue.from(n));
                case Double d -> to.add(IValue.from(d));
                case Boolean b -> to.add(IValue.from(b));
                default -> throw new IllegalArgumentException(p.name() + " = " + argument);
            }
        }

        private PtNDArray memory(Input input) {
            ByteBuffer data = ByteBuffer.allocateDirect(input.memory().length * input.dtype().byteSize()).order(ByteOrder.nativeOrder());
            for (double v : input.memory()) {
                switch (input.dtype()) {
                    case FLOAT32 -> data.putFloat((float) v);
                    case FLOAT64 -> data.putDouble(v);
                    case INT64 -> data.putLong((long) v);
                    default -> data.put((byte) v);
                }
            }
            return manager.create(data.rewind(), new Shape(input.memory().length), type(input.dtype()));
        }

        private static DataType type(ScalarType dtype) {
            return switch (dtype) {
                case FLOAT32 -> DataType.FLOAT32;
                case FLOAT64 -> DataType.FLOAT64;
                case INT64 -> DataType.INT64;
                case BOOL -> DataType.BOOLEAN;
                default -> throw new IllegalArgumentException("no inputs of " + dtype);
            };
        }

        /** The argument's elements, out of its memory as it is now. */
        private Values strided(Input input) {
            Values memory = values(memories.get(input));
            int n = 1;
            for (long s : input.sizes()) n *= (int) s;
            double[] reals = memory.reals() == null ? null : new double[n];
            long[] integers = memory.integers() == null ? null : new long[n];
            for (int i = 0; i < n; i++) {
                int at = (int) input.offset(), rest = i;
                for (int d = input.sizes().length - 1; d >= 0; d--) {
                    at += (int) (rest % input.sizes()[d] * input.strides()[d]);
                    rest /= (int) input.sizes()[d];
                }
                if (reals != null) reals[i] = memory.reals()[at];
                else integers[i] = memory.integers()[at];
            }
            return new Values(input.dtype(), input.sizes(), reals, integers);
        }

        private static Values values(NDArray t) {
            long[] sizes = t.getShape().getShape();
            return switch (t.getDataType()) {
                case FLOAT32 -> new Values(ScalarType.FLOAT32, sizes, doubles(t.toFloatArray()), null);
                case FLOAT64 -> new Values(ScalarType.FLOAT64, sizes, t.toDoubleArray(), null);
                case INT64 -> new Values(ScalarType.INT64, sizes, null, t.toLongArray());
                case BOOLEAN -> new Values(ScalarType.BOOL, sizes, null, longs(t.toBooleanArray()));
                default -> throw new IllegalStateException("a result of type " + t.getDataType());
            };
        }

        private static double[] doubles(float[] v) {
            double[] out = new double[v.length];
            for (int i = 0; i < v.length; i++) out[i] = v[i];
            return out;
        }

        private static long[] longs(boolean[] v) {
            long[] out = new long[v.length];
            for (int i = 0; i < v.length; i++) out[i] = v[i] ? 1 : 0;
            return out;
        }
    }
}
