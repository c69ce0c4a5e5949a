package dev.cresset.cli.device;

import dev.cresset.cli.output.Table;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.code.Nvcc;
import dev.cresset.kernels.cuda.driver.Cuda;
import dev.cresset.kernels.cuda.driver.KernelFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What kernels take of a multiprocessor, as text: by NVIDIA's offline compiler for all architectures where there is one, else
 * as the device's driver says.
 */
public final class KernelResources {
    private static final String NO_COMPILER = "registers are not known: the device is emulated, and there is no nvcc on the PATH\n";

    private KernelResources() {}

    /** A line for each kernel, with nvcc one for each kernel and architecture. */
    public static String text(CudaDevice device, Collection<KernelSource> kernels) throws IOException {
        Nvcc nvcc = Nvcc.find().orElse(null);
        if (nvcc != null) return text(compile(nvcc, kernels));
        return Cuda.isEmulated() ? NO_COMPILER : ofDevice(device, kernels);
    }

    private static String ofDevice(CudaDevice device, Collection<KernelSource> kernels) {
        Table table = new Table("kernel", "registers", "shared", "local");
        for (KernelSource k : kernels) {
            KernelFunction.Resources r = device.resources(k);
            table.add(List.of(k.entry(), "" + r.registers(), "" + r.sharedBytes(), "" + r.localBytes()));
        }
        return table.text();
    }

    private static String text(Nvcc.Report report) {
        Table table = new Table("kernel", "architecture", "registers", "shared", "stack", "spilled");
        report.kernels().stream().sorted(Comparator.comparing(Nvcc.Resources::entry)).forEach(r -> table.add(List.of(r.entry(), r.architecture(),
            "" + r.registers(), "" + r.sharedBytes(), "" + r.stackBytes(), "" + r.spillStores())));
        return table.text() + refusals(report);
    }

    /** How many there are, what the largest take, and which are bad, with the texts of those that spill. */
    public static String summary(Collection<KernelSource> kernels, Nvcc.Report report) {
        StringBuilder out = new StringBuilder(kernels.size() + " kernels by nvcc:\n");
        for (String a : Nvcc.ARCHITECTURES) {
            List<Nvcc.Resources> all = report.kernels().stream().filter(r -> r.architecture().equals(a)).toList();
            int most = all.stream().mapToInt(Nvcc.Resources::registers).max().orElse(0), shared = all.stream().mapToInt(Nvcc.Resources::sharedBytes).max().orElse(0);
            long spilling = all.stream().filter(r -> r.spillStores() > 0).count();
            out.append("  ").append(a).append(": ").append(all.size()).append(" compiled, up to ").append(most).append(" registers and ").append(shared)
                .append(" bytes of shared memory, ").append(spilling == 0 ? "none spills" : spilling + " spill").append('\n');
        }
        report.kernels().stream().filter(r -> r.spillStores() > 0).sorted(Comparator.comparingInt(Nvcc.Resources::spillStores).reversed())
            .forEach(r -> out.append("  ").append(r.entry()).append(" for ").append(r.architecture()).append(" spills ").append(r.spillStores()).append(" bytes\n"));
        Set<String> spilling = report.kernels().stream().filter(r -> r.spillStores() > 0).map(Nvcc.Resources::entry).collect(Collectors.toSet());
        kernels.stream().filter(k -> spilling.contains(k.entry())).forEach(k -> out.append('\n').append(k.source()));
        return out.append(refusals(report)).toString();
    }

    private static String refusals(Nvcc.Report report) { return report.refusals().stream().map(r -> r + "\n").collect(Collectors.joining()); }

    /** In a folder of its own, which is gone when this returns. */
    public static Nvcc.Report compile(Nvcc nvcc, Collection<KernelSource> kernels) throws IOException {
        Path folder = Files.createTempDirectory("cresset-nvcc");
        try {
            return nvcc.compile(kernels, Nvcc.ARCHITECTURES, false, folder);
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path f : files.toList()) Files.delete(f);
            }
            Files.delete(folder);
        }
    }
}
