package dev.cresset.ir.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.schema.TestOperators;
import dev.cresset.ir.type.Complex;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphTextTest {
    private static final TestOperators OPERATORS = TestOperators.common();

    private static Graph parse(String text) { return GraphParser.parse(text, OPERATORS, Names.placeholders()); }

    private static void assertPrintsItself(String text) { assertEquals(text, GraphPrinter.print(parse(text))); }

    @Test void printsControlFlowAndSubgraphsAsItReadThem() {
        assertPrintsItself("""
            graph(%self.1 : __torch__.m.M,
                  %x.1 : Tensor,
                  %n.1 : int):
              %3 : bool = prim::Constant[value=1]()
              %4 : int = prim::Constant[value=2]()
              %y.1 : Tensor = prim::Loop(%n.1, %3, %x.1)
                block0(%i.1 : int, %y.2 : Tensor):
                  %8 : bool = aten::gt(%i.1, %4)
                  %z.1 : Tensor = prim::If(%8)
                    block0():
                      -> (%y.2)
                    block1():
                      %10 : Tensor = aten::add(%y.2, %i.1, %4)
                      -> (%10)
                  -> (%3, %z.1)
               = prim::SetAttr[name="n"](%self.1, %n.1)
              %11 : Future[Tensor] = prim::fork_0(%y.1)
              %a.1 : Tensor, %b.1 : Tensor = aten::max(%y.1, %4, %3)
              return (%11)
            with prim::fork_0 = graph(%x.1 : Tensor):
              %1 : Future[Tensor] = prim::fork_1(%x.1)
              %2 : Tensor = aten::wait(%1)
              return (%2)
            with prim::fork_1 = graph(%x.1 : Tensor):
              %1 : Tensor = aten::relu(%x.1)
              return (%1)
            """);
    }

    @Test void printsStaticSubgraphsWithTheirGroupsAsItReadThem() {
        assertPrintsItself("""
            graph(%x.1 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)):
              %1 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu) = prim::StaticSubgraph_0(%x.1)
              %2 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu) = prim::StaticSubgraph_1(%1)
              return (%2)
            with prim::StaticSubgraph_0 = graph(%x.1 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)):
              %1 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu) = prim::FusionGroup_2(%x.1)
              return (%1)
            with prim::StaticSubgraph_1 = graph(%x.1 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)):
              %1 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu) = aten::relu(%x.1)
              return (%1)
            with prim::FusionGroup_2 = graph(%x.1 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)):
              %1 : Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu) = aten::relu(%x.1)
              return (%1)
            """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"int = prim::Constant[value=-9223372036854775808]", "float = prim::Constant[value=1.]",
        "float = prim::Constant[value=0.1]", "float = prim::Constant[value=-0.]",
            "float = prim::Constant[value=4.9e-324]",
        "float = prim::Constant[value=1.7976931348623157e+308]", "float = prim::Constant[value=10000000000.]",
        "float = prim::Constant[value=1e+16]", "float = prim::Constant[value=-inf]",
            "float = prim::Constant[value=nan]",
        "complex = prim::Constant[value=2.-1.j]", "complex = prim::Constant[value=-0.+infj]",
        "str = prim::Constant[value=\"a\\\"b\\\\c\\n\\001\\'é](\"]", "NoneType = prim::Constant",
            "Device = prim::Constant[value=\"cuda:0\"]",
        "int[] = prim::Constant[value=[2, 3]]", "bool[] = prim::Constant[value=[True, False]]",
            "float?[] = prim::Constant[value=[None, 1.]]",
        "(int, str, float) = prim::Constant[value=(1, \"x\", 2.5)]",
            "Dict(str, int) = prim::Constant[value={\"a\": 1}]",
        "Tensor = prim::Constant[value=<Tensor>]", "Tensor = prim::Constant[value={2}]",
            "Enum<__torch__.C> = prim::Constant[value=__torch__.C.RED]",
        "Function = prim::Constant[name=\"work\"]"})
    void constantsKeepTheirText(String constant) {
        assertPrintsItself("graph():\n  %0 : " + constant + "()\n  return (%0)\n");
    }

    @Test void constantsHaveTheValueOfTheirType() {
        Graph g = parse("""
            graph():
              %0 : bool = prim::Constant[value=1]()
              %1 : float = prim::Constant[value=10000000000]()
              %2 : complex = prim::Constant[value=1.+2.j]()
              %3 : float[] = prim::Constant[value=[1, 2.5]]()
              %4 : Tensor = prim::Constant[value= 1  2
            [ CPUFloatType{2} ]]()
              return (%0)
            """);
        assertEquals(true, g.nodes().get(0).attribute("value"));
        assertEquals(1e10, g.nodes().get(1).attribute("value"));
        assertEquals(new Complex(1, 2), g.nodes().get(2).attribute("value"));
        assertEquals(List.of(1.0, 2.5), g.nodes().get(3).attribute("value"));
        assertEquals(new OpaqueText("1  2\n[ CPUFloatType{2} ]"), g.nodes().get(4).attribute("value"));
    }

    @Test void choosesTheOverloadByArguments() {
        Graph g = parse("""
            graph(%x : Tensor, %i : int, %l : int[]):
              %3 : Tensor = aten::add(%x, %i, %i)
              %4 : int[] = aten::add(%l, %l)
              %5 : int = aten::no_such(%i)
              return (%3)
            """);
        assertEquals("aten::add.Scalar", g.nodes().get(0).operator().schema().qualifiedName());
        assertEquals("aten::add.t", g.nodes().get(1).operator().schema().qualifiedName());
        assertNull(g.nodes().get(2).operator());
    }

    @Test void locationsSurvive() {
        String text = "graph(%x.1 : Tensor):\n  %1 : Tensor = aten::relu(%x.1) # my file.py:12:4\n  return (%1)\n";
        assertEquals(text, new GraphPrinter(true, ValueText.NONE).text(parse(text)));
    }

    @Test void namesThePlaceOfAnError() {
        var e = assertThrows(CressetException.class, () -> parse("graph(%x : int):\n  return (%y)\n"));
        assertTrue(e.getMessage().contains("%y is used before it is defined at line 2"), e.getMessage());
        e = assertThrows(CressetException.class, () -> parse("graph(%x : int, %x : int):\n  return (%x)\n"));
        assertTrue(e.getMessage().contains("%x is defined twice"), e.getMessage());
    }
}
