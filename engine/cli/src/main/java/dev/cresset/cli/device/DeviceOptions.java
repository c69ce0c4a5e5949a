package dev.cresset.cli.device;

import dev.cresset.Engine;
import dev.cresset.ir.type.Device;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Precision;
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

    @Option(names = "--precision", paramLabel = "PRECISION",
        description = "With --device cuda, for float32: fp32 (all of it, without tensor cores), pytorch (convolutions and recurrent layers may round operands to TF32, 10 bits of "
            + "the fraction, matrix products not, as by default in PyTorch), tf32 (products, too), fp16, bf16 (weights are rounded when the model is loaded, "
            + "inputs when it is called, results become float32 again). Sums are float32. Default: pytorch, for verify fp32.")
    private String precision;

    @Option(names = "--device-cache", paramLabel = "MB",
        description = "With --device cuda: megabytes of its memory for what may be needed again, memory and recorded work of plans, and kernels; what was not "
            + "used for longest goes first. Default: half of the device's memory.")
    private Long cacheMegabytes;

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
        if (precision != null) out.addAll(List.of("--precision", precision));
        if (cacheMegabytes != null) out.addAll(List.of("--device-cache", cacheMegabytes.toString()));
        if (emulate) out.add("--emulate-cuda");
        return out;
    }

    /** Where programs run. @throws IllegalArgumentException if the text is no device */
    public Device device() { return Device.parse(device); }

    /**
     * How exact float32 is.
     *
     * @param otherwise if nothing is said
     * @throws IllegalArgumentException if the text is no precision
     */
    public Precision precision(Precision otherwise) {
        return precision == null ? otherwise : Precision.named(precision).orElseThrow(() ->
            new IllegalArgumentException("there is no precision '" + precision + "'; there are " + Precision.names()));
    }

    /** Applies them to an engine to be built. */
    public Engine.Builder builder() throws IOException {
        Precision howExact = precision(Precision.PYTORCH);
        if (emulate) EmulatedCuda.use();
        Engine.Builder builder = Engine.builder().device(device()).cpuFallback(cpuFallback).precision(howExact);
        return cacheMegabytes == null ? builder : builder.deviceCacheBytes(cacheMegabytes << 20);
    }

    /** The device, shared with engines while it is open. @throws dev.cresset.kernels.cuda.driver.CudaException if it cannot be used */
    public CudaDevice open() throws IOException {
        if (emulate) EmulatedCuda.use();
        return CudaDevice.open(Math.max(0, device().index()));
    }

    /** What the device is, in words. @throws dev.cresset.kernels.cuda.driver.CudaException if it cannot be used */
    public String description() throws IOException {
        Device where = device();
        if (where.isCpu()) return where.toString();
        if (emulate) EmulatedCuda.use();
        try (DeviceContext context = DeviceContext.open(Math.max(0, where.index()))) {
            return where + ", " + context.properties() + (cpuFallback ? ", with --cpu-fallback" : "")
                + (precision == null ? "" : ", precision " + precision);
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
