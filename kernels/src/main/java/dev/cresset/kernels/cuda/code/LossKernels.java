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

    /** The margin loss of one right class. Items: samples. */
    public static FamilyKernel margin(ScalarType t) { return margin(t, "single"); }

    /** Before {@link #labels}. Items: samples. */
    public static FamilyKernel mark() {
        return FamilyKernel.of(FamilyKernel.name("margin_mark_labels"), "loss.cuh", "margin_args", () -> "margin_mark", FamilyKernel.threads());
    }

    /** The margin loss of each of several right classes. Items: samples × classes. */
    public static FamilyKernel labels(ScalarType t) { return margin(t, "labels"); }

    private static FamilyKernel margin(ScalarType t, String how) {
        return FamilyKernel.of(FamilyKernel.name("margin", how, t), "loss.cuh", "margin_args", () -> "margin_" + how + "<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /**
     * All dense, the scores of a sample in a row.
     *
     * @param target int64, one of each sample; of several labels as many as there are classes, up to the first negative one
     * @param weight one for each class, of the type of the scores; 0 for none
     * @param losses of the compute type, one of each sample, or of each target
     * @param marks  for several labels: a byte for each score, set to 0
     * @param counts for several labels: an int64 for each sample
     * @param error  three int64 that take a target that is no class
     */
    public record Margins(long scores, long target, long weight, long losses, long marks, long counts, long error, long samples, long classes,
                          double order, double margin) {
        public long[] slots() {
            return new Slots().add(scores, target, weight, losses, marks, counts, error, samples, classes).real(order).real(margin).values();
        }
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
