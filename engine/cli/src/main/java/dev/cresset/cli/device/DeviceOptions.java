package dev.cresset.cli.device;

import dev.cresset.Engine;
import dev.cresset.ir.type.Device;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.op.CpuFallback;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Where programs run: the options that commands have in common. */
public final class DeviceOptions {
    @Option(names = "--device", paramLabel = "DEVICE",
        description = "cpu, cuda or cuda:N (default: cpu). Without such a device it says what is missing, and runs nothing.")
    private String device = "cpu";

    @Option(names = "--cpu-fallback",
        description = "With --device cuda: what the device has no kernel for runs on the CPU; what did is listed on standard error.")
    private boolean cpuFallback;

    @Option(names = "--emulate-cuda", description = "For developers: CUDA is emulated on the CPU. Slow; needs a source checkout and g++.")
    private boolean emulate;

    /** Options as {@link #arguments} gives them. */
    public static DeviceOptions of(List<String> arguments) {
        return CommandLine.populateCommand(new DeviceOptions(), arguments.toArray(String[]::new));
    }

    /** The options as a command line has them, for another process. */
    public List<String> arguments() {
        List<String> out = new ArrayList<>(List.of("--device", device));
        if (cpuFallback) out.add("--cpu-fallback");
        if (emulate) out.add("--emulate-cuda");
        return out;
    }

    /** Where programs run. @throws IllegalArgumentException if the text is no device */
    public Device device() { return Device.parse(device); }

    /** Applies them to an engine to be built. */
    public Engine.Builder builder() throws IOException {
        if (emulate) EmulatedCuda.use();
        return Engine.builder().device(device()).cpuFallback(cpuFallback);
    }

    /** The device, shared with engines while it is open. @throws dev.cresset.kernels.cuda.driver.CudaException if it cannot be used */
    public CudaDevice open() throws IOException {
        if (emulate) EmulatedCuda.use();
        return CudaDevice.open(Math.max(0, device().index()), Long.MAX_VALUE);
    }

    /** What the device is, in words. @throws dev.cresset.kernels.cuda.driver.CudaException if it cannot be used */
    public String description() throws IOException {
        Device where = device();
        if (where.isCpu()) return where.toString();
        if (emulate) EmulatedCuda.use();
        try (DeviceContext context = DeviceContext.open(Math.max(0, where.index()))) {
            return where + ", " + context.properties() + (cpuFallback ? ", with --cpu-fallback" : "");
        }
    }

    /** Says what ran on the CPU although the device was another one. */
    public void report(Engine engine, PrintWriter err) { report(engine.cpuFallbacks(), err); }

    public static void report(List<CpuFallback.Use> uses, PrintWriter err) {
        if (uses.isEmpty()) return;
        err.println("ran on the CPU, because the device has no kernel (calls, bytes to the host, bytes to the device):");
        for (CpuFallback.Use u : uses) err.println("  " + u.operator() + "  " + u.calls() + "  " + u.toHost() + "  " + u.toDevice());
    }
}
