package dev.cresset.ir.rewrite;

import dev.cresset.ir.graph.Graph;

/** A step from one graph to another. It returns the same instance if nothing changed, and never alters its input. */
@FunctionalInterface
public interface Pass {
    Graph run(Graph graph, PassContext context);
}
