package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Losses of scores by class ({@code loss.cuh}), for floating types. */
public final class LossKernels {
    private LossKernels() {}

    /** The negative weighted score of the right class. Items: samples. */
    public static FamilyKernel classes(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("class_loss", t), "loss.cuh", "class_loss_args", () -> "class_loss<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /**
     * @param target         int64
     * @param weight         one for each class, dense, of the type of the scores; 0 for none
     * @param losses,weights dense, of the compute type: of each sample the loss, and what it counts
     * @param error          three int64 that take a target that is no class
     * @param sizes          of the samples; strides are those of scores and targets over them
     */
    public record Classes(long scores, long target, long weight, long losses, long weights, long error, long classes, long ignored, long classStride,
                          long[] sizes, long[] scoreStrides, long[] targetStrides) {
        public long[] slots() {
            return new Slots().add(scores, target, weight, losses, weights, error, ReduceKernels.product(sizes), classes, ignored, classStride)
                .dims(sizes).padded(scoreStrides).padded(targetStrides).values();
        }
    }
}
