package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Connectionist temporal classification ({@code ctc.cuh}): the negative log likelihood of target sequences. Items: sequences. */
public final class CtcKernels {
    private CtcKernels() {}

    public static FamilyKernel loss(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("ctc_loss", t), "ctc.cuh", "ctc_args", () -> "ctc_loss<" + CudaTypes.element(t) + ">", FamilyKernel.block());
    }

    /**
     * Its parameter.
     *
     * @param targets    int64 symbols
     * @param lengths    int64 [3, sequences]: where a sequence's target begins, steps of input, symbols of the target
     * @param alpha      float64 [sequences, 2, states] to work in
     * @param losses     float64, one for each sequence
     * @param logStrides of time, sequence and class
     * @param finite     writes 0 for an infinite loss
     * @param mean       divides by the target's length
     */
    public record Arguments(long logs, long targets, long lengths, long alpha, long losses, long sequences, long states, long blank,
                            boolean finite, boolean mean, long[] logStrides) {
        public long[] slots() {
            return new Slots().add(logs, targets, lengths, alpha, losses, sequences, states, blank).flag(finite).flag(mean).add(logStrides).values();
        }
    }
}
