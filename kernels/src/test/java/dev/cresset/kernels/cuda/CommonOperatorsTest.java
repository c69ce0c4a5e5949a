package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What operators of usual networks launch is compiled ahead. */
@EmulatedCuda
class CommonOperatorsTest extends BesideTheHost {
    private Tensor random(ScalarType t, long... sizes) {
        return cuda.place(host.tensor("aten::to.dtype", host.tensor("aten::randn", sizes), (long) t.code()), device.device());
    }

    private Tensor integers(long... values) { return cuda.place(Tensor.of(values, values.length), device.device()); }

    /** Kernels are named by what they are, so that each line says what was launched that nobody had compiled. */
    private void assertCommon() {
        Set<Object> common = new HashSet<>();
        for (KernelSource k : CommonKernelTexts.all()) common.add(k.key());
        Set<Object> others = device.kernels().needed().stream().map(KernelSource::key).collect(Collectors.toCollection(HashSet::new));
        others.removeAll(common);
        assertEquals(Set.of(), others);
    }

    private void network(ScalarType t) {
        Tensor x = random(t, 4, 24), y = random(t, 4, 24), image = random(t, 2, 3, 8, 8), weight = random(t, 24);
        for (String name : List.of("relu", "sigmoid", "tanh", "exp", "neg", "sqrt", "silu", "contiguous")) cuda.tensor("aten::" + name, x);
        for (String name : List.of("mul.Tensor", "div.Tensor", "maximum", "gt.Tensor", "eq.Tensor")) cuda.tensor("aten::" + name, x, y);
        for (String name : List.of("mul.Scalar", "lt.Scalar", "add.Scalar", "pow.Tensor_Scalar")) cuda.tensor("aten::" + name, x, 2.5);
        cuda.tensor("aten::add.Tensor", x, weight, 1L);
        cuda.tensor("aten::add.Tensor", x, Views.transpose(random(t, 24, 4), 0, 1), 1L);
        cuda.tensor("aten::gelu", x, "none");
        cuda.tensor("aten::clamp", x, -1.0, 1.0);
        cuda.tensor("aten::where.self", cuda.tensor("aten::gt.Tensor", x, y), x, y);
        cuda.tensor("aten::cat", List.of(x, y), 1L);
        cuda.tensor("aten::softmax.int", x, 1L);
        cuda.tensor("aten::layer_norm", x, List.of(24L), weight, weight);
        cuda.tensor("aten::mean.dim", image, List.of(2L, 3L));
        cuda.tensor("aten::sum", x);
        cuda.tensor("aten::argmax", x, 1L);
        cuda.tensor("aten::max_pool2d", image, List.of(2L, 2L));
        cuda.tensor("aten::avg_pool2d", image, List.of(2L, 2L));
        cuda.tensor("aten::embedding", x, integers(0, 3, 1));
        cuda.tensor("aten::index_select", x, 1L, integers(5, 5));
        cuda.tensor("aten::cumsum", x, 1L);
        cuda.tensor("aten::tril", x);
        cuda.call("aten::topk", x, 3L);
        cuda.tensor("aten::to.dtype", x, (long) ScalarType.FLOAT32.code());
    }

    @Test void networksOfFloats() {
        network(ScalarType.FLOAT32);
        assertCommon();
    }

    @Test void networksOfHalves() {
        network(ScalarType.FLOAT16);
        assertCommon();
    }

    @Test void positionsAndMasks() {
        Tensor numbers = cuda.tensor("aten::arange", 12L, (long) ScalarType.INT64.code(), null, device.device()), other = integers(3);
        Tensor mask = cuda.tensor("aten::lt.Scalar", numbers, 7L);
        cuda.tensor("aten::add.Tensor", numbers, numbers, 1L);
        cuda.tensor("aten::mul.Scalar", numbers, 3L);
        cuda.tensor("aten::logical_not", mask);
        cuda.tensor("aten::bitwise_and.Tensor", mask, mask);
        cuda.tensor("aten::sum", mask);
        cuda.tensor("aten::any", mask);
        cuda.tensor("aten::masked_fill.Scalar", random(ScalarType.FLOAT32, 12), mask, 0.0);
        cuda.tensor("aten::index_select", numbers, 0L, other);
        cuda.tensor("aten::to.dtype", mask, (long) ScalarType.FLOAT32.code());
        cuda.tensor("aten::nonzero", mask);
        cuda.tensor("aten::zeros", List.of(3L), (long) ScalarType.INT64.code(), null, device.device());
        assertCommon();
    }
}
