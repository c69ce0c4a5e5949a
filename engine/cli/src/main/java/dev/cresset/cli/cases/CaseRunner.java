package dev.cresset.cli.cases;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.LoadReport;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.cli.device.DeviceOptions;
import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Precision;
import dev.cresset.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.Set;
import java.util.TreeMap;

/** Runs one case and says how it ended. */
public final class CaseRunner {
    /** How a case ended. */
    public enum Status { OK, FAILED, UNSUPPORTED }

    /** @param detail the first difference, or the operators missing; empty if ok */
    public record Outcome(Status status, String detail, double seconds) {}

    private final DeviceOptions device;
    private final Map<String, CpuFallback.Use> fallbacks = new TreeMap<>();
    private final int threads;
    private final int runs;
    private final ExecutionMode mode;
    private final Precision precision;

    /**
     * What runs cases. Unless the device's options say otherwise it computes with all of float32, as what computed the expected results.
     *
     * @param runs how often each session runs, on fresh instances of one loaded program
     */
    public CaseRunner(DeviceOptions device, int threads, int runs, ExecutionMode mode) {
        this.mode = mode;
        this.device = device;
        this.precision = device.device().isCpu() ? Precision.FP32 : device.precision(Precision.FP32);
        this.threads = threads;
        this.runs = runs;
    }

    public Outcome run(CaseFile file) {
        long start = System.nanoTime();
        Outcome o = attempt(file);
        return new Outcome(o.status, o.detail, (System.nanoTime() - start) / 1e9);
    }

    private Outcome attempt(CaseFile file) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        try (Engine engine = device.builder().precision(device.precision(Precision.FP32)).threads(threads).out(out).mode(mode).build()) {
            Outcome o;
            try (Program program = engine.load(file.model())) {
                o = attempt(file, engine, program, printed);
                if (!engine.device().isCpu()) program.executor().await();     // a plan that is being made holds memory
            }
            count(engine.cpuFallbacks());
            long left = engine.deviceMemory().liveBytes();
            return o.status != Status.OK || left == 0 ? o
                : new Outcome(Status.FAILED, left + " bytes of the device's memory were not given back", 0);
        } catch (UnsupportedException e) {
            return new Outcome(Status.UNSUPPORTED, e.operators().isEmpty() ? e.getMessage()
                : String.join(", ", e.operators()), 0);
        } catch (CressetException | IOException e) {
            return new Outcome(Status.FAILED, e.getMessage(), 0);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            java.io.StringWriter trace = new java.io.StringWriter();
            e.printStackTrace(new java.io.PrintWriter(trace));
            return new Outcome(Status.FAILED, "unexpected " + trace, 0);
        }
    }

    private void count(List<CpuFallback.Use> uses) {
        for (CpuFallback.Use u : uses) fallbacks.merge(u.operator(), u, CpuFallback.Use::plus);
    }

    /** What ran on the CPU in all cases, because the device has no kernel for it. */
    public List<CpuFallback.Use> cpuFallbacks() { return List.copyOf(fallbacks.values()); }

    private Outcome attempt(CaseFile file, Engine engine, Program program, ByteArrayOutputStream printed)
        throws IOException {
        try {
            for (CaseFile.Session session : file.sessions()) {
                for (int run = 1; run <= runs; run++) {
                    String difference = session(file, session, program, printed);
                    if (difference == null && engine.memory().liveBlocks() != 0) {
                        difference = engine.memory().liveBlocks() + " blocks of memory were not given back";
                    }
                    if (difference != null) {
                        return new Outcome(Status.FAILED, session.name() + (runs > 1 ? " (run " + run + ")" : "") + " "
                            + difference, 0);
                    }
                }
            }
            return new Outcome(Status.OK, "", 0);
        } catch (UnsupportedException e) {
            return unsupported(file, program, e);
        }
    }

    /** The operator that stopped the case, and all others that are missing from the methods it calls. */
    private static Outcome unsupported(CaseFile file, Program program, UnsupportedException e) {
        Set<String> names = new LinkedHashSet<>(e.operators());
        List<String> methods = file.sessions().stream().flatMap(s -> s.calls().stream()).map(CaseFile.Call::method)
            .toList();
        for (LoadReport.Use use : program.report(methods).missing()) names.add(use.operator());
        return new Outcome(Status.UNSUPPORTED, names.isEmpty() ? e.getMessage() : String.join(", ", names), 0);
    }

    private String session(CaseFile file, CaseFile.Session session, Program program, ByteArrayOutputStream printed)
        throws IOException {
        try (ScriptModule module = program.instantiate()) {
            if (file.eval()) module.eval();
            for (int i = 0; i < session.calls().size(); i++) {
                printed.reset();
                String difference = call(file, session, session.calls().get(i), module, printed);
                if (difference != null) return "call " + i + " " + session.calls().get(i).method() + ": " + difference;
            }
            return null;
        }
    }

    private static boolean hasFloat32(CaseFile.Call call) {
        return Stream.concat(call.args().stream(), call.kwargs().values().stream())
            .anyMatch(a -> a.findValuesAsText("dtype").contains("float32"));
    }

    private String call(CaseFile file, CaseFile.Session session, CaseFile.Call call, ScriptModule module,
        ByteArrayOutputStream printed)
            throws IOException {
        List<Object> args = new ArrayList<>();
        for (JsonNode a : call.args()) args.add(CaseValues.argument(a, file.folder()));
        Map<String, Object> kwargs = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> a : call.kwargs().entrySet()) kwargs.put(a.getKey(),
            CaseValues.argument(a.getValue(), file.folder()));
        Comparison comparison = new Comparison(file, session.random(), hasFloat32(call), precision);
        try (Result result = module.call(call.method(), args, kwargs)) {
            if (call.raises() != null) return "returned " + result.value() + ", expected the error \"" + call.raises()
                + '"';
            String difference = call.returns() == null ? null
                : comparison.difference(result.value(), call.returns(), "result");
            if (difference == null) difference = printedDifference(call, printed);
            if (difference == null && call.argsAfter() != null) difference = argumentDifference(call, args, comparison);
            return difference;
        } catch (ScriptError e) {
            if (call.raises() == null) return "raised " + e.getMessage();
            String got = e.errorClass() + ": " + e.reason();
            String difference = Comparison.errorDifference(got, call.raises());
            return difference != null ? difference : printedDifference(call, printed);
        } finally {
            args.forEach(CaseRunner::close);
        }
    }

    /** Gives back the tensors that the program put into a list or dict of the caller. */
    private static void close(Object argument) {
        switch (argument) {
            case Tensor t -> t.close();
            case List<?> l -> l.forEach(CaseRunner::close);
            case Map<?, ?> m -> m.values().forEach(CaseRunner::close);
            case null, default -> { }
        }
    }

    private static String printedDifference(CaseFile.Call call, ByteArrayOutputStream printed) {
        String got = Comparison.onCpu(printed.toString(StandardCharsets.UTF_8));
        return call.prints() == null || call.prints().equals(got) ? null : "printed\n" + got + "expected\n"
            + call.prints();
    }

    private static String argumentDifference(CaseFile.Call call, List<Object> args, Comparison comparison)
        throws IOException {
        for (int i = 0; i < args.size(); i++) {
            String difference = comparison.difference(args.get(i), call.argsAfter().get(i), "argument " + i
                + " afterwards");
            if (difference != null) return difference;
        }
        return null;
    }
}
