package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.code.KernelSource;
import java.util.List;

/** The kernels that are compiled ahead, for tests of texts. */
public final class CommonKernelTexts {
    private CommonKernelTexts() {}

    public static List<KernelSource> all() { return CommonKernels.parts().flatMap(p -> p.kernels().stream()).toList(); }
}
