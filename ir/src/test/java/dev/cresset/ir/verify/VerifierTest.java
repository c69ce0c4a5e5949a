package dev.cresset.ir.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.VerifyException;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.TestOperators;
import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.text.Names;
import dev.cresset.ir.type.SimpleType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifierTest {
    private static final TestOperators OPERATORS = TestOperators.common();

    private static Graph parse(String text) { return GraphParser.parse(text, OPERATORS, Names.placeholders()); }

    private static String fault(Graph g) {
        return assertThrows(VerifyException.class, () -> Verifier.verify(g)).fault();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        int = prim::Constant[value="a"]()                  | the constant a is typed int
        int = prim::Constant()                             | None is typed int
        int[] = prim::ListConstruct(%i, %x)                | an element is a Tensor, expected int
        (int, Tensor) = prim::TupleConstruct(%i)           | an input is 1 values, expected 2
        Dict(str, int) = prim::DictConstruct(%i)           | expected key and value
        Tensor, %z : Tensor = prim::TupleUnpack(%t)        | an output is a Tensor, but the tuple holds int
        Tensor = prim::GetAttr(%x)                         | it has no attribute 'name'
        int = prim::If(%i)                                 | its condition is a int, not a bool
        int = prim::Loop(%i, %b)                           | it has 0 blocks
        bool = prim::isinstance(%x)                        | it has no attribute 'types'
        """)
    void refusesNodesThatAreNotOfTheirKind(String node, String expected) {
        Graph g = parse("graph(%x : Tensor, %i : int, %b : bool, %t : (Tensor, int)):\n  %r : " + node
            + "\n  return (%r)\n");
        assertTrue(fault(g).contains(expected), fault(g));
    }

    @Test void refusesBranchesOfAnotherType() {
        Graph g = parse("""
            graph(%x : Tensor, %c : bool):
              %r : Tensor = prim::If(%c)
                block0():
                  -> (%x)
                block1():
                  -> (%c)
              return (%r)
            """);
        assertEquals("prim::If: a block returns a bool, but its output 0 is a Tensor", fault(g));
    }

    @Test void refusesArgumentsThatDoNotFitTheSchema() {
        Node relu = parse("graph(%x : Tensor):\n  %y : Tensor = aten::relu(%x)\n  return (%y)\n").nodes().getFirst();
        Value i = new Value(SimpleType.INT, "i");
        Graph g = new Graph(new Block(List.of(i), List.of(relu.withInputs(List.of(i))), relu.outputs()));
        assertTrue(fault(g).contains("argument 'self' is a Tensor, got int"), fault(g));
    }

    @Test void showsTheNodesAroundAValueThatLeavesItsBlock() {
        Value c = new Value(SimpleType.BOOL, "c");
        Value inside = new Value(SimpleType.INT, "inside");
        List<Node> nodes = new ArrayList<>();
        for (int k = 0; k < 20; k++) nodes.add(Node.constant((long) k, new Value(SimpleType.INT), Location.NONE));
        Block with = new Block(List.of(), List.of(Node.constant(1L, inside, Location.NONE)), List.of());
        nodes.add(Node.prim(Kinds.IF, List.of(c), List.of(), Location.NONE).withBlocks(List.of(with,
            new Block(List.of(), List.of(), List.of()))));
        nodes.add(Node.prim(Kinds.PRINT, List.of(inside), List.of(), Location.NONE));
        Graph g = new Graph(new Block(List.of(c), nodes, List.of()));
        VerifyException e = assertThrows(VerifyException.class, () -> Verifier.verify(g));
        assertTrue(e.fault().contains("outside the block that defines it"), e.fault());
        assertTrue(e.getMessage().contains(">    = prim::Print(%inside.1)"), e.getMessage());
        assertTrue(e.getMessage().lines().count() <= 12, e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        Float(2), %z : Tensor = prim::FusionGroup_0(%x) | the subgraph returns 1 values, expected 2
        Float(3) = prim::FusionGroup_0(%x)              | the subgraph returns a Float(2), but its output 0 is a Float(3)
        Float(2) = prim::FusionGroup_0(%x, %x)          | it is given 2 values, expected 1
        Float(2) = prim::FusionGroup_0(%y)              | it is given a Float(3), but the subgraph's input 0 is a Float(2)
        Float(2) = prim::StaticSubgraph(%x)             | it has no Subgraph
        """)
    void refusesSubgraphsThatDoNotFitTheirNode(String node, String expected) {
        Graph g = parse("graph(%x : Float(2), %y : Float(3)):\n  %r : " + node + "\n  return (%r)\n"
            + "with prim::FusionGroup_0 = graph(%a : Float(2)):\n  %b : Float(2) = aten::relu(%a)\n  return (%b)\n");
        assertTrue(fault(g).contains(expected), fault(g));
    }

    @Test void checksTheSubgraphItself() {
        Graph g = parse("graph(%x : Float(2)):\n  %r : Float(2) = prim::StaticSubgraph_0(%x)\n  return (%r)\n"
            + "with prim::StaticSubgraph_0 = graph(%a : Float(2)):\n  %b : int = prim::ListConstruct(%a)\n  return (%a)\n");
        assertTrue(fault(g).contains("prim::ListConstruct"), fault(g));
    }

    @Test void refusesASecondDefinition() {
        Value v = new Value(SimpleType.INT, "v");
        Node n = Node.constant(1L, v, Location.NONE);
        assertTrue(fault(new Graph(new Block(List.of(), List.of(n, n), List.of(v)))).contains("defined twice"));
    }
}
