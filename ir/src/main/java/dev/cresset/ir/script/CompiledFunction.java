package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.FunctionDef;
import dev.cresset.ir.script.ast.Param;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.List;

/** A function whose schema follows from its header and whose graph is compiled when first asked for. */
final class CompiledFunction implements ScriptFunction {
    private final CompilationUnit unit;
    private final String qualifiedName;
    private final FunctionDef definition;
    private final Type self;
    private volatile FunctionSchema schema;
    private volatile Graph graph;
    private List<Argument> arguments;
    private boolean compiling;

    /** @param self the class of which this is a method, null for a function */
    CompiledFunction(CompilationUnit unit, String qualifiedName, FunctionDef definition, Type self) {
        this.unit = unit;
        this.qualifiedName = qualifiedName;
        this.definition = definition;
        this.self = self;
    }

    @Override public String qualifiedName() { return qualifiedName; }

    @Override public FunctionSchema schema() {
        FunctionSchema known = schema;
        return known != null ? known : unit.locked(() -> {
            if (schema != null) return schema;
            if (definition.returnType().isPresent()) {
                schema = schema(unit.types().resolve(definition.returnType().get()));
            } else {
                compile();
            }
            return schema;
        });
    }

    private FunctionSchema schema(Type returned) {
        return new FunctionSchema(definition.name(), "", arguments(), List.of(Argument.plain("", returned)), false);
    }

    private List<Argument> arguments() {
        if (arguments == null) {
            List<Argument> all = new ArrayList<>();
            for (Param p : definition.params()) all.add(argument(p, all.isEmpty()));
            arguments = List.copyOf(all);
        }
        return arguments;
    }

    private Argument argument(Param p, boolean first) {
        if (p.kind() == Param.Kind.ARGS || p.kind() == Param.Kind.KWARGS) {
            throw FunctionCompiler.error("Compiled functions can't take variable number of arguments", p.range());
        }
        Type type = p.annotation().map(unit.types()::resolve).orElse(first && self != null ? self : TensorType.ANY);
        boolean hasDefault = p.defaultValue().isPresent();
        Object value = p.defaultValue().map(e -> defaultValue(e, type)).orElse(null);
        return new Argument(p.name(), type, 0, hasDefault, value, p.kind() == Param.Kind.KEYWORD_ONLY, null);
    }

    private Object defaultValue(Expr e, Type type) { return Literals.evaluate(unit, e, type); }

    @Override public Graph graph() {
        Graph known = graph;
        return known != null ? known : unit.locked(() -> {
            if (graph == null) compile();
            return graph;
        });
    }

    private void compile() {
        if (compiling) {
            throw FunctionCompiler.error("function '" + definition.name()
                + "' is called recursively. Recursive calls are not supported",
                definition.header());
        }
        compiling = true;
        try {
            Type declared = definition.returnType().map(unit.types()::resolve).orElse(null);
            FunctionCompiler.Compiled done = FunctionCompiler.compile(unit, definition.name(), definition,
                arguments(), declared);
            if (schema == null) schema = schema(done.returned());
            graph = done.graph();
        } catch (StackOverflowError e) {
            throw new ScriptException("function '" + qualifiedName + "' is nested too deep to be compiled");
        } finally {
            compiling = false;
        }
    }

    @Override public String toString() { return qualifiedName; }
}
