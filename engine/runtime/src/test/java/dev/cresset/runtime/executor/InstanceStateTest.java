package dev.cresset.runtime.executor;

import static dev.cresset.runtime.executor.Executed.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ExecutionMode;
import dev.cresset.ScriptModule;
import dev.cresset.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans hold attributes as they were loaded: what one instance does to its own is not seen by another. */
class InstanceStateTest {
    private static final String CODE = """
        class M(Module):
          __parameters__ = []
          __buffers__ = ["w", ]
          w : Tensor
          l : List[Tensor]
          n : int
          steps : List[int]
          def tensor(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.tanh(torch.mul(x, self.w))
          def view_of_tensor(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.slice(self.w, 0, 0, 2)
          def element_of_tensor(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.mul(x, torch.item(torch.select(self.w, 0, 1)))
          def write_tensor(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.add_(self.w, x)
          def list(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.tanh(torch.mul(x, self.l[1]))
          def view_of_list(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.slice(self.l[1], 0, 0, 2)
          def write_list(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.add_(self.l[1], x)
          def append(self: __torch__.M, x: Tensor) -> Tensor:
            _0 = torch.append(self.steps, 5)
            return torch.mul(x, torch.len(self.steps))
          def steps_taken(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.mul(x, torch.len(self.steps))
          def number(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.tanh(torch.mul(x, self.n))
          def write_number(self: __torch__.M, x: Tensor) -> Tensor:
            self.n = torch.add(self.n, 5)
            return x
        """;
    private static final Tensor X = Tensor.of(new float[] {0.1f, 0.2f, 0.3f}, 3);

    private static Executed open(ExecutionMode mode) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("w", new float[] {1, 2, 3});
        attributes.put("l", List.of(new float[] {4, 5, 6}, new float[] {1, 2, 3}));
        attributes.put("n", 2);
        attributes.put("steps", List.of(3));
        return new Executed(mode, CODE, attributes);
    }

    /** The plan is made for an instance whose list is still as it was loaded. */
    @Test void listsThatGrowAreNotConstant() {
        try (Executed plain = open(ExecutionMode.INTERPRET); Executed e = open(ExecutionMode.OPTIMIZE)) {
            for (int instance = 0; instance < 4; instance++) {
                try (ScriptModule a = plain.program.instantiate(); ScriptModule b = e.program.instantiate()) {
                    for (String method : List.of("append", "steps_taken", "append", "append", "steps_taken")) {
                        assertClose(Executed.call(a, method, X), Executed.call(b, method, X));
                    }
                }
            }
            assertTrue(e.explain("append").callsByPlans() >= 10, "plans served");
        }
    }

    /** The plan is made for the instance that later writes: it must not have taken that one's attribute. */
    @ParameterizedTest
    @ValueSource(strings = {"tensor", "view_of_tensor", "element_of_tensor", "list", "view_of_list", "number"})
    void isNotSeenByAnotherInstance(String method) {
        try (Executed plain = open(ExecutionMode.INTERPRET); Executed e = open(ExecutionMode.OPTIMIZE); ScriptModule other = e.program.instantiate()) {
            float[] loaded = plain.call(method, X);
            for (int i = 0; i < 4; i++) assertClose(loaded, e.call(method, X));
            assertEquals(1, e.explain(method).plans().getFirst().constantAttributes());

            e.call(writer(method), X);
            plain.call(writer(method), X);
            assertServedByPlan(e, method, loaded, other);
            try (ScriptModule third = e.program.instantiate()) {
                assertServedByPlan(e, method, loaded, third);
            }
            float[] written = plain.call(method, X);
            assertTrue(Math.abs(written[0] - loaded[0]) > 1e-3, "the write makes a difference");
            assertClose(written, e.call(method, X));
            assertServedByPlan(e, method, loaded, other);
        }
    }

    /** Written first, then profiled and specialised: the plan is not for the others. */
    @ParameterizedTest
    @ValueSource(strings = {"tensor", "view_of_tensor", "element_of_tensor", "list", "view_of_list", "number"})
    void isNotSeenByAnotherInstanceIfItWroteBeforeTheyHadPlans(String method) {
        try (Executed plain = open(ExecutionMode.INTERPRET); Executed e = open(ExecutionMode.OPTIMIZE); ScriptModule other = e.program.instantiate()) {
            float[] loaded = plain.call(method, X);
            e.call(writer(method), X);
            plain.call(writer(method), X);
            float[] written = plain.call(method, X);
            for (int i = 0; i < 4; i++) assertClose(written, e.call(method, X));
            assertClose(loaded, Executed.call(other, method, X));
            assertServedByPlan(e, method, loaded, other);
            assertClose(written, e.call(method, X));
        }
    }

    private static String writer(String method) { return "write_" + method.substring(method.lastIndexOf('_') + 1); }

    private static void assertServedByPlan(Executed e, String method, float[] expected, ScriptModule instance) {
        long before = e.explain(method).callsByPlans();
        assertArrayEquals(expected, Executed.call(instance, method, X), 1e-5f);
        assertEquals(before + 1, e.explain(method).callsByPlans(), "answered by a plan");
    }
}
