package dev.cresset.cli.inspect;

import dev.cresset.Engine;
import dev.cresset.cli.device.KernelResources;
import dev.cresset.cli.output.Table;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.text.ValueText;
import dev.cresset.ir.type.Device;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.driver.Cuda;
import dev.cresset.kernels.plan.StaticPlan;
import dev.cresset.kernels.plan.StepReport;
import dev.cresset.runtime.executor.FunctionExecutor;
import dev.cresset.runtime.executor.Phase;
import dev.cresset.runtime.executor.PhaseText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Shows the kernels of a plan and how good they are: on a device each text once, what it takes of a multiprocessor, what the
 * steps that launch it move, and how close to the device's bandwidth they do it; on the host the generated code.
 */
public record KernelsView(MethodRun run) {
    /** @throws IllegalArgumentException if inputs are needed and there are none */
    public String of(Engine.Builder builder, Path model, Device device) throws IOException {
        return run.see(builder, model, MethodRun.Until.PLANNED, "a plan", f -> device.isCpu() ? host(f) : device(f, device));
    }

    private static String host(FunctionExecutor function) {
        return new PhaseText(function, new GraphPrinter(false, ValueText.NONE)).of(Phase.KERNELS)
            + "\nTimes of steps: cresset run --profile. Registers and bandwidth are shown of a device: --device cuda.\n";
    }

    private static String device(FunctionExecutor function, Device where) {
        List<StaticPlan> plans = new PhaseText(function, new GraphPrinter(false, ValueText.NONE)).plans();
        if (plans.isEmpty()) return "no static subgraphs: operators run one by one\n";
        try (CudaDevice device = CudaDevice.open(Math.max(0, where.index()))) {
            List<StepReport> steps = new ArrayList<>();
            plans.forEach(p -> steps.addAll(p.reports()));
            Map<Object, KernelSource> kernels = new LinkedHashMap<>();
            steps.forEach(s -> s.kernels().forEach(k -> kernels.putIfAbsent(k.key(), k)));
            StringBuilder out = new StringBuilder();
            kernels.values().forEach(k -> out.append(source(k)));
            out.append(KernelResources.text(device, kernels.values())).append('\n').append(steps(steps, device))
                .append(device.device()).append(" holds ").append(device.statistics().text()).append('\n');
            return out.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String source(KernelSource k) {
        String family = k.families().isEmpty() ? "" : "// of " + String.join(", ", k.families()) + "\n";
        String shared = k.launch().sharedBytes() == 0 ? "" : ", " + k.launch().sharedBytes() + " bytes of dynamic shared memory";
        return "// " + k.launch().threads() + " threads a block" + shared + "\n" + family + k.source().strip() + "\n\n";
    }

    private static String steps(List<StepReport> steps, CudaDevice device) {
        boolean measured = !Cuda.isEmulated();
        double best = measured ? device.copyBandwidth() : 0;
        Table table = measured ? new Table("step", "kernels", "bytes", "µs", "GB/s", "of copying") : new Table("step", "kernels", "bytes");
        for (StepReport s : steps) {
            List<String> row = new ArrayList<>(List.of(s.label(), kernels(s), String.format(Locale.ROOT, "%,d", s.bytes())));
            if (measured) row.addAll(List.of(number("%.1f", s.milliseconds() * 1e3), number("%.0f", s.bandwidth() / 1e9), number("%.0f %%", 100 * s.bandwidth() / best)));
            table.add(row);
        }
        return table.text() + (measured ? String.format(Locale.ROOT, "each step by itself; copying on this device: %.0f GB/s%n", best / 1e9)
            : "times are shown of a real device\n");
    }

    private static String kernels(StepReport s) {
        return s.kernels().isEmpty() ? "NVIDIA's library" : String.join(", ", s.kernels().stream().map(KernelSource::entry).distinct().toList());
    }

    private static String number(String format, double v) { return String.format(Locale.ROOT, format, v); }
}
