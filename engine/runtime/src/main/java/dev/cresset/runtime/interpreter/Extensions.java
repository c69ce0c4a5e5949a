package dev.cresset.runtime.interpreter;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Node;
import dev.cresset.kernels.plan.PreparedSubgraph;
import dev.cresset.profiler.profile.BranchProfile;
import dev.cresset.profiler.profile.TypeProfile;
import java.util.List;
import java.util.function.Predicate;

/** What stands behind the nodes that the profiling executor puts into graphs. The defaults: there are no such nodes. */
public interface Extensions {
    Extensions NONE = new Extensions() { };

    /** Where a {@code prim::profile} records. */
    default TypeProfile record(Node profile) { throw unknown(profile); }

    /** Where an if or loop records, or null. */
    default BranchProfile branch(Node node) { return null; }

    /** What runs a {@code prim::StaticSubgraph}, or a {@code prim::FusionGroup} or {@code prim::LibraryGroup} outside of one. */
    default PreparedSubgraph plan(Node subgraph) { throw unknown(subgraph); }

    /** What decides a {@code prim::TypeCheck}. */
    default Predicate<Object> check(Node check) { throw unknown(check); }

    private static UnsupportedException unknown(Node node) {
        return new UnsupportedException("a graph node of kind " + node.kind() + " is for the profiling executor only", List.of(node.kind()));
    }
}
