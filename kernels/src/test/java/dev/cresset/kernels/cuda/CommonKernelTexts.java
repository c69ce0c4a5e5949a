package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.code.KernelSource;
import java.util.ArrayList;
import java.util.List;

/** The kernels that are compiled ahead, for tests of texts. */
public final class CommonKernelTexts {
    private CommonKernelTexts() {}

    public static List<KernelSource> all() {
        List<KernelSource> out = new ArrayList<>();
        for (CommonKernels.Part p : CommonKernels.parts()) out.addAll(p.kernels());
        return out;
    }
}
