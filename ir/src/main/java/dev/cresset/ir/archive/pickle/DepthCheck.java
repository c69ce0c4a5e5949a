package dev.cresset.ir.archive.pickle;

import java.util.Optional;

/** Makes sure that a value is acyclic and not nested too deeply, without recursing and in linear time. */
final class DepthCheck {
    private final PickleNode[] path;
    private int length;

    private DepthCheck(int maxDepth) { path = new PickleNode[maxDepth]; }

    /** What is wrong with the value, or nothing. */
    static Optional<String> problem(Object root, int maxDepth) {
        if (!(root instanceof PickleNode node)) return Optional.empty();
        return new DepthCheck(maxDepth).walk(node);
    }

    private Optional<String> walk(PickleNode root) {
        push(root);
        while (length > 0) {
            PickleNode top = path[length - 1];
            if (top.cursor == top.childCount()) {
                pop(top);
            } else if (top.child(top.cursor++) instanceof PickleNode child) {
                if (child.height < 0) return Optional.of("a value contains itself; TorchScript archives never do");
                if (length + Math.max(1, child.height) > path.length) {
                    return Optional.of("values are nested more than " + path.length + " levels deep");
                }
                if (child.height == 0) push(child);
            }
        }
        return Optional.empty();
    }

    private void push(PickleNode node) {
        node.height = -1;
        path[length++] = node;
    }

    private void pop(PickleNode node) {
        int below = 0;
        for (int i = 0; i < node.childCount(); i++) {
            if (node.child(i) instanceof PickleNode child) below = Math.max(below, child.height);
        }
        node.height = below + 1;
        length--;
    }
}
