package dev.cresset.bench.differential;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.bench.differential.Outcome.Values;
import dev.cresset.bench.differential.program.Parameter;
import dev.cresset.bench.differential.program.RandomProgram;
import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.runtime.executor.FunctionExecutor;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Cresset in one of its modes; one engine for all programs. */
public final class CressetExecutor implements Executor {
    private final ExecutionMode mode;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final Engine engine;
    private long planned, unplanned;

    public CressetExecutor(ExecutionMode mode, int threads) {
        this.mode = mode;
        engine = Engine.builder().mode(mode).threads(threads).out(new PrintStream(printed, true, StandardCharsets.UTF_8)).build();
    }

    @Override public String name() { return mode.toString(); }

    /** The engine's memory, to see that nothing is left. */
    public Engine engine() { return engine; }

    /** Calls that were answered by a plan. */
    public long planned() { return planned; }

    /** Calls that were answered without a plan, those that were profiled among them. */
    public long unplanned() { return unplanned; }

    @Override public List<List<Outcome>> run(RandomProgram program, byte[] archive, List<CallSpec> calls, int passes) {
        List<List<Outcome>> all = new ArrayList<>();
        try (Program loaded = engine.load(archive, "random-" + program.seed())) {
            for (int pass = 0; pass < passes; pass++) {
                List<Outcome> outcomes = new ArrayList<>();
                try (ScriptModule module = loaded.instantiate()) {
                    for (CallSpec call : calls) outcomes.add(call(module, program, call));
                }
                all.add(outcomes);
                loaded.executor().await();   // where plans are made in the background, the next pass has them
            }
            for (FunctionExecutor f : loaded.executor().all()) {
                planned += f.planCalls();
                unplanned += f.plainCalls();
            }
        }
        return all;
    }

    /** The graph that is run before anything is known of types. */
    public String preparedGraph(byte[] archive) {
        try (Program loaded = engine.load(archive, "random")) {
            return GraphPrinter.print(loaded.preparedGraph("forward"));
        }
    }

    private Outcome call(ScriptModule module, RandomProgram program, CallSpec call) {
        Map<Input, Tensor> tensors = new IdentityHashMap<>();
        List<Object> arguments = new ArrayList<>();
        for (Object a : call.arguments()) arguments.add(argument(a, tensors));
        printed.reset();
        List<Values> results = new ArrayList<>();
        String error = null;
        try (Result result = module.forward(arguments.toArray())) {
            if (result.value() instanceof List<?> several) for (Object t : several) results.add(values((Tensor) t));
            else results.add(values(result.tensor()));
        } catch (ScriptError e) {
            error = e.errorClass() + ": " + e.reason();
        }
        Map<String, Values> after = new LinkedHashMap<>(), states = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            Parameter p = program.parameters().get(i);
            if (arguments.get(i) instanceof Tensor t) after.put(p.name(), values(t));
        }
        for (String s : program.states()) states.put("self." + s, values((Tensor) module.object().get(s)));
        if (program.counter()) states.put("self.count", Values.number((Long) module.object().get("count")));
        return new Outcome(results, after, states, printed.toString(StandardCharsets.UTF_8), error);
    }

    private static Object argument(Object a, Map<Input, Tensor> tensors) {
        return switch (a) {
            case Input input -> tensors.computeIfAbsent(input, CressetExecutor::tensor);
            case null -> null;
            default -> a;
        };
    }

    private static Tensor tensor(Input input) {
        Tensor memory = Tensor.zeros(input.dtype(), input.memory().length);
        for (int i = 0; i < input.memory().length; i++) {
            if (input.dtype().isFloating()) Elements.setDouble(memory.data(), input.dtype(), i, input.memory()[i]);
            else Elements.setLong(memory.data(), input.dtype(), i, (long) input.memory()[i]);
        }
        return memory.view(input.sizes(), input.strides(), input.offset());
    }

    private static Values values(Tensor t) {
        boolean real = t.dtype().isFloating();
        return new Values(t.dtype(), t.sizes().clone(), real ? t.toDoubleArray() : null, real ? null : t.toLongArray());
    }

    @Override public void close() { engine.close(); }
}
