package dev.cresset.ir.graph;

import java.util.List;

/** A function as SSA: one top block whose parameters are the inputs. Immutable. */
public record Graph(Block body) {
    public List<Value> inputs() { return body.params(); }

    public List<Value> outputs() { return body.returns(); }

    public List<Node> nodes() { return body.nodes(); }

    public Graph withBody(Block newBody) { return newBody == body ? this : new Graph(newBody); }
}
