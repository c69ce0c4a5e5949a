package dev.cresset.ir.script.ast;

import dev.cresset.ir.graph.Source;
import dev.cresset.ir.graph.SourceRange;
import java.util.List;

/**
 * A parsed text. Imports and {@code op_version_set} lines are gone: names in archives are fully qualified.
 *
 * @param body in order; archives have only {@link ClassDef} and {@link FunctionDef} here
 */
public record SourceFile(Source source, List<Stmt> body) {
    public SourceFile { body = List.copyOf(body); }

    public List<ClassDef> classes() {
        return body.stream().filter(ClassDef.class::isInstance).map(ClassDef.class::cast).toList();
    }

    public List<FunctionDef> functions() {
        return body.stream().filter(FunctionDef.class::isInstance).map(FunctionDef.class::cast).toList();
    }

    public SourceRange range() { return new SourceRange(source, 0, source.text().length()); }
}
