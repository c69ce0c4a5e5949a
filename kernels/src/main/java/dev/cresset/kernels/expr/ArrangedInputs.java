package dev.cresset.kernels.expr;

import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.op.Args;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tensor inputs of a pointwise call whose large ones all lie channels-last, so that the result can lie so too: see
 * Note [Lazy layout] in {@link dev.cresset.tensor.Storage}. The views have the channels as last dimension and row-major
 * strides; what is broadcast is expanded.
 *
 * @param views by argument position, null for what is no tensor
 */
record ArrangedInputs(List<Tensor> views) {
    /** Null if some large input lies otherwise, or none lies channels-last. */
    static ArrangedInputs of(Args a, int inputs, long[] shape) {
        if (shape.length < 4 || !anyArranged(a, inputs)) return null;
        List<Tensor> views = new ArrayList<>(inputs);
        for (int i = 0; i < inputs; i++) {
            Tensor view = null;
            if (a.get(i) instanceof Tensor t) {
                boolean arranged = t.storage().arrangement() != null;
                boolean full = Arrays.equals(t.sizes(), shape);
                if (full != arranged) return null;
                Tensor seen = arranged ? ChannelsLast.view(t) : Views.expand(t, shape);
                if (seen == null) return null;
                view = ChannelsLast.channelsMoved(seen);
            }
            views.add(view);
        }
        return new ArrangedInputs(views);
    }

    private static boolean anyArranged(Args a, int inputs) {
        for (int i = 0; i < inputs; i++) if (a.get(i) instanceof Tensor t && t.storage().arrangement() != null) return true;
        return false;
    }
}
