package dev.cresset.ir.graph;

import dev.cresset.ir.schema.FunctionSchema;

/** A function or method written in TorchScript. Its schema is known at once; its graph is compiled when first asked for. */
public interface ScriptFunction {
    /** {@code __torch__.m.Net.forward}. */
    String qualifiedName();

    /** Arguments ({@code self} first for methods) and one return. */
    FunctionSchema schema();

    /**
     * The graph as compiled, calls not inlined. The same instance each time; safe from any thread.
     *
     * @throws dev.cresset.ir.diag.ScriptException if the source does not compile
     */
    Graph graph();
}
