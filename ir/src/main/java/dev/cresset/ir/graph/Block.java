package dev.cresset.ir.graph;

import java.util.List;

/**
 * A sequence of nodes with parameters and results. Values are visible after their definition in the block and in blocks
 * nested below; a value of an enclosing block is used directly, not passed.
 */
public record Block(List<Value> params, List<Node> nodes, List<Value> returns) {
    public Block {
        params = List.copyOf(params);
        nodes = List.copyOf(nodes);
        returns = List.copyOf(returns);
    }

    public Block withNodes(List<Node> newNodes) { return new Block(params, newNodes, returns); }
}
