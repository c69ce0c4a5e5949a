package dev.cresset.ir.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.schema.TestOperators;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompilationUnitTest {
    private static final String NET = """
        class Net(Module):
          __parameters__ = ["weight", ]
          __buffers__ = []
          weight : Tensor
          training : bool
          __annotations__["0"] = __torch__.m.___torch_mangle_1.Act
          mode : __torch__.m.Mode
          scale : Final[float] = 0.5
          def forward(self: __torch__.m.Net,
            x: Tensor,
            n: Optional[int]=None) -> __torch__.m.Out:
            _0 = __torch__.m.helper
            act = getattr(self, "0")
            w = self.weight
            if torch.__isnot__(n, None):
              n0 = unchecked_cast(int, n)
              y = _0(x, n0, )
            else:
              y = (act).forward(torch.mul(x, w), )
            a, b, = torch.chunk(y, 2, 1)
            return __torch__.m.Out(torch.add(a, b), annotate(List[Optional[Tensor]], [x, None]))
        class Out(NamedTuple):
          y : Tensor
          parts : List[Optional[Tensor]]
        class Mode(Enum):
          FAST = 1
          SLOW = 2
        def helper(x: Tensor,
            n: int,
            on: bool=True) -> Tensor:
          return torch.mul(x, n)
        """;
    private static final String ACT = """
        class Act(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def forward(self: __torch__.m.___torch_mangle_1.Act,
            x: Tensor) -> Tensor:
            return torch.relu(x)
        """;

    private static CompilationUnit archive(int version, Map<String, String> files) {
        return new CompilationUnit(TestOperators.common(),
            module -> Optional.ofNullable(files.get(module)).map(text ->
                new Source("code/" + module.replace('.', '/') + ".py", text)),
            List.of(), version);
    }

    private static Graph compile(String... lines) {
        return new CompilationUnit(TestOperators.common())
            .defineFunctions(new Source("test.py", String.join("\n", lines) + "\n")).getLast().graph();
    }

    private static List<Node> all(Block block) {
        List<Node> nodes = new ArrayList<>();
        for (Node n : block.nodes()) {
            nodes.add(n);
            n.blocks().forEach(b -> nodes.addAll(all(b)));
        }
        return nodes;
    }

    private static List<String> operators(Graph graph) {
        return all(graph.body()).stream().filter(n -> !n.is(Kinds.CONSTANT))
            .map(n -> n.operator() == null ? n.kind() : n.operator().schema().qualifiedName()).toList();
    }

    private static String refused(String... lines) {
        return assertThrows(ScriptException.class, () -> compile(lines)).getMessage();
    }

    @Test void declaresAndCompilesAModule() {
        CompilationUnit unit = archive(3, Map.of("__torch__.m", NET, "__torch__.m.___torch_mangle_1", ACT));
        ClassType net = unit.classType("__torch__.m.Net");
        assertTrue(net.isModule());
        assertEquals(List.of("weight", "training", "0", "mode"),
            net.attributes().stream().map(ClassType.Attribute::name).toList());
        assertEquals(ClassType.AttributeKind.PARAMETER, net.attribute("weight").orElseThrow().kind());
        assertEquals(Map.of("scale", 0.5), net.constants());
        assertSame(net, unit.resolveType("__torch__.m.Net"));
        var forward = net.method("forward").orElseThrow();
        TupleType out = (TupleType) forward.schema().returns().getFirst().type();
        assertEquals(List.of("y", "parts"), out.fields());
        assertSame(forward.graph(), forward.graph());
        assertEquals(List.of(Kinds.GET_ATTR, Kinds.GET_ATTR, "aten::__isnot__", Kinds.IF, Kinds.UNCHECKED_CAST,
            Kinds.CALL_FUNCTION,
            "aten::mul.Tensor", Kinds.CALL_METHOD, "aten::chunk", Kinds.LIST_UNPACK, "aten::add.Tensor",
                Kinds.LIST_CONSTRUCT,
            Kinds.TUPLE_CONSTRUCT), operators(forward.graph()));
        Node call = all(forward.graph().body()).stream().filter(n ->
            n.is(Kinds.CALL_FUNCTION)).findFirst().orElseThrow();
        assertEquals(4, call.inputs().size()); // the function, x, n0 and the default of on
        assertEquals("forward", call.location().function());
        assertEquals("_0(x, n0, )", text(call));
    }

    private static String text(Node n) {
        var r = n.location().range();
        return r.source().text().substring(r.start(), r.end());
    }

    @Test void fillsInDefaultsAndConvertsArguments() {
        Graph g = compile("def f(x: Tensor):", "    y = x.view(-1, 2).to(torch.float64)", "    n: int = x.sum(1)[0]",
            "    return torch.max_pool2d(y, 2, (1, 2)), y.add(1), n");
        assertEquals(List.of(Kinds.LIST_CONSTRUCT, "aten::view", "aten::to.dtype", Kinds.LIST_CONSTRUCT,
            "aten::sum.dim_IntList",
            "aten::select.int", "aten::IntImplicit"), operators(g).subList(0, 7));
        Node pool = all(g.body()).stream().filter(n -> n.is("aten::max_pool2d")).findFirst().orElseThrow();
        assertEquals(pool.operator().schema().arguments().size(), pool.inputs().size());
    }

    @Test void turnsNumberFirstOperatorsRound() {
        assertEquals(List.of("aten::add.Scalar"), operators(compile("def f(x):", "    return 1 + x")));
        assertEquals(List.of("aten::neg", "aten::add.Scalar"), operators(compile("def f(x):", "    return 1 - x")));
        assertEquals(List.of("aten::reciprocal", "aten::mul.Scalar"),
            operators(compile("def f(x):", "    return 2 / x")));
        assertEquals(List.of("aten::lt.Scalar"), operators(compile("def f(x):", "    return 3 > x")));
    }

    @Test void desugarsTensorSubscripts() {
        assertEquals(List.of("aten::select.int", "aten::slice.Tensor", "aten::unsqueeze"),
            operators(compile("def f(x):", "    return x[0, 1:, ..., None]")));
        assertEquals(List.of("aten::select.int", "prim::dtype", "prim::device", "aten::tensor.int", "aten::copy_"),
            operators(compile("def f(x):", "    x[0] = 3")));
    }

    @Test void compilesOnlyTheBranchThatIsKnownToBeTaken() {
        assertEquals(List.of("aten::relu"),
            operators(compile("def f(x: Tensor):", "    if x is None:", "        y = nonsense(x)",
            "    elif isinstance(x, Tensor) and torch.jit.is_scripting():", "        y = torch.relu(x)", "    else:",
            "        y = other_nonsense(x)", "    return y")));
    }

    @Test void takesTheMeaningThatTheArchiveWasWrittenWith() {
        String code = "def f(x: Tensor, y: Tensor) -> Tensor:\n  return torch.div(x, y)\n";
        assertEquals(List.of(Kinds.CALL_FUNCTION),
            operators(archive(3, Map.of("__torch__.m", code)).function("__torch__.m.f").graph()));
        assertEquals(List.of("aten::div.Tensor"),
            operators(archive(4, Map.of("__torch__.m", code)).function("__torch__.m.f").graph()));
    }

    @Test void makesMethodsOfBareFunctions() {
        CompilationUnit unit = new CompilationUnit(TestOperators.common());
        ClassType type = new ClassType("__torch__.Old", true);
        type.addAttribute("w", TensorType.ANY, ClassType.AttributeKind.PARAMETER);
        unit.defineMethods(type, new Source("old.py",
            "op_version_set = 1\ndef forward(self, x: Tensor) -> Tensor:\n  return self.twice(torch.add(x, self.w))\n"
                + "def twice(self, x: Tensor) -> Tensor:\n  return torch.add(x, x)\n"));
        assertEquals(List.of(Kinds.GET_ATTR, "aten::add.Tensor", Kinds.CALL_METHOD),
            operators(type.method("forward").orElseThrow().graph()));
    }

    @Test void leavesUnknownOperatorsToFailWhenReached() {
        Graph g = compile("def f(x: Tensor, n: int) -> Tensor:", "    if n > 0:",
            "        a, b = torch.no_such_operator(x, n)",
            "        return a.also_unknown(b) + 1", "    return torch.relu(x, x, x)");
        List<Node> unresolved = all(g.body()).stream().filter(n -> n.is(Kinds.UNRESOLVED)).toList();
        assertEquals("aten::no_such_operator", unresolved.getFirst().text("name"));
        assertEquals(SimpleType.UNKNOWN, unresolved.getFirst().output().type());
        assertTrue(unresolved.getLast().text("reason").contains("Expected at most 1 arguments but found 3"));
    }

    @Test void saysWhatIsWrongAndWhere() {
        assertTrue(refused("def f(x):", "    return y").contains("undefined value y"));
        assertTrue(refused("def f(n: int):", "    if n > 0:", "        k = 1",
            "    return k").contains("k is not defined in the false branch"));
        assertTrue(refused("def f(n: int):", "    k = 1", "    for i in range(n):", "        k = 2.5", "    return k")
            .contains("previously had type int"));
        assertTrue(refused("def g(x: float) -> float:", "    return x", "def f() -> float:", "    return g(1)")
            .contains("Expected a value of type 'float' for argument 'x' but instead found type 'int'"));
        assertTrue(refused("def f(n: int) -> int:", "    return 'a'").contains("test.py\", line 2"));
        assertTrue(refused("def f(x: Optional[int]) -> int:",
            "    return 1 if x else 0").contains("Could not cast value of type Optional[int] to bool"));
        assertTrue(refused("def f(n: int):", "    return f(n - 1)").contains("called recursively"));
    }

    @Test void infersReturnTypes() {
        CompilationUnit unit = new CompilationUnit(TestOperators.common());
        var f = unit.defineFunctions(new Source("t.py",
            "def f(n: int):\n  if n > 0:\n    return n\n  return None\n")).getFirst();
        assertEquals("int?", f.schema().returns().getFirst().type().toString());
        assertTrue(refused("def f(n: int):", "    if n > 0:", "        return n",
            "    return 2.5").contains("Previous return statement"));
    }
}
