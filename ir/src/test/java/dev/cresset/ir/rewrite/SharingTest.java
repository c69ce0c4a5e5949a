package dev.cresset.ir.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.TestOperators;
import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.text.Names;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SharingTest {
    private static Set<String> written(String text) {
        Graph g = GraphParser.parse(text, TestOperators.common(), Names.placeholders());
        Sharing sharing = Sharing.of(g);
        Set<String> found = new TreeSet<>();
        for (Node n : g.nodes()) for (Value v : n.outputs()) if (sharing.isWritten(v)) found.add(v.hint());
        return found;
    }

    @Test void viewsAreWrittenWithWhatTheyShow() {
        assertEquals(Set.of("a", "view", "w"), written("""
            graph(%x : Tensor, %i : int):
              %a : Tensor = aten::exp(%x)
              %b : Tensor = aten::exp(%a)
              %view : Tensor = aten::select(%a, %i, %i)
              %w : Tensor = aten::zero_(%view)
              return (%b)
            """));
    }

    @Test void valuesMeetInBranchesAndLoops() {
        assertEquals(Set.of("a", "b", "c", "d", "w"), written("""
            graph(%x : Tensor, %p : bool, %n : int):
              %a : Tensor = aten::exp(%x)
              %b : Tensor = aten::exp(%x)
              %e : Tensor = aten::exp(%x)
              %c : Tensor = prim::If(%p)
                block0():
                  -> (%a)
                block1():
                  -> (%b)
              %d : Tensor = prim::Loop(%n, %p, %c)
                block0(%i : int, %k : Tensor):
                  -> (%p, %k)
              %w : Tensor = aten::relu_(%d)
              return (%e)
            """));
    }

    @Test void aForkMayWriteWhatItGetsAndWhatIsOutside() {
        assertEquals(Set.of("a", "f"), written("""
            graph(%x : Tensor):
              %a : Tensor = aten::exp(%x)
              %b : Tensor = aten::exp(%x)
              %f : Future[Tensor] = prim::fork_0(%a)
              %c : Tensor = aten::exp(%b)
              return (%x)
            with prim::fork_0 = graph(%a : Tensor):
              %r : Tensor = aten::relu_(%a)
              return (%r)
            """));
    }

    @Test void numbersAreNeverWritten() {
        assertEquals(Set.of("l", "m"), written("""
            graph(%i : int):
              %j : int = aten::neg(%i)
              %l : int[] = prim::ListConstruct(%j)
              %m : int[] = aten::append(%l, %j)
              %k : int[] = prim::ListConstruct(%j)
              return (%j)
            """));
    }
}
