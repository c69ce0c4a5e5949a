package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The classes and functions of one program. Declares them when they are first named and compiles their bodies when a
 * graph is first asked for. Safe from any thread.
 */
public final class CompilationUnit {
    /** The newest operator semantics; archives with a smaller number get the older behaviour where it differs. */
    public static final int LATEST_VERSION = 10;

    private final OperatorTable operators;
    private final ConstantTable constants;
    private final Declarations declarations;
    private final TypeResolver types;
    private final Namespaces namespaces = new Namespaces();
    private final Prelude prelude;
    private final int archiveVersion;
    private final ReentrantLock lock = new ReentrantLock();

    /**
     * @param sources        where modules that are named but not defined are looked up
     * @param constants      what {@code CONSTANTS.cN} stands for
     * @param archiveVersion the archive's operator version
     */
    public CompilationUnit(OperatorTable operators, SourceProvider sources, ConstantTable constants,
            int archiveVersion) {
        this(operators, sources, constants, archiveVersion, true);
    }

    CompilationUnit(OperatorTable operators, SourceProvider sources, ConstantTable constants, int archiveVersion,
        boolean withPrelude) {
        this.operators = operators;
        this.constants = constants;
        this.archiveVersion = archiveVersion;
        this.declarations = new Declarations(this, sources);
        this.types = new TypeResolver(declarations::type);
        this.prelude = withPrelude ? new Prelude(operators) : null;
    }

    public CompilationUnit(OperatorTable operators, SourceProvider sources, List<Constant> constants,
            int archiveVersion) {
        this(operators, sources, ConstantTable.of(constants), archiveVersion);
    }

    /** A unit for source text of today, without an archive. */
    public CompilationUnit(OperatorTable operators) {
        this(operators, SourceProvider.NONE, ConstantTable.NONE, LATEST_VERSION);
    }

    // ---- for users

    /** The type an annotation means. */
    public Type resolveType(String annotation) { return locked(() -> types.resolve(annotation)); }

    /** The type called {@code __torch__.a.C}: a class, interface, enum or NamedTuple; empty if nothing is called so. */
    public Optional<Type> findType(String qualifiedName) { return locked(() -> declarations.type(qualifiedName)); }

    /** The class called {@code __torch__.a.C}. @throws ScriptException if there is none */
    public ClassType classType(String qualifiedName) {
        Type type = findType(qualifiedName).orElseThrow(() ->
            new ScriptException("no class is called '" + qualifiedName + "'"));
        if (type instanceof ClassType c) return c;
        throw new ScriptException("'" + qualifiedName + "' is not a class: it is of the kind " + type);
    }

    /** The function called {@code __torch__.a.f}. @throws ScriptException if there is none */
    public ScriptFunction function(String qualifiedName) {
        return locked(() -> {
            if (declarations.lookup(qualifiedName) instanceof Term.Function(ScriptFunction g)) return g;
            throw new ScriptException("no function is called '" + qualifiedName + "'");
        });
    }

    /**
     * Makes a class known that was built otherwise than from source text. @throws IllegalArgumentException if the name
     * is taken
     */
    public void declare(ClassType type) {
        locked(() -> {
            declarations.declare(type);
            return null;
        });
    }

    /**
     * Defines the functions and classes of a text; they are called {@code __torch__.name}. Gives the functions, in
     * order.
     */
    public List<ScriptFunction> defineFunctions(Source source) { return locked(() -> declarations.define(source)); }

    /** Makes the functions of a text methods of a class, as the oldest archives store them. */
    public List<ScriptFunction> defineMethods(ClassType type, Source source) {
        return locked(() -> declarations.defineMethods(type, source));
    }

    // ---- for the compiler

    <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } catch (StackOverflowError e) {
            throw new ScriptException("the program is nested too deep to be compiled");
        } finally {
            lock.unlock();
        }
    }

    OperatorTable operators() { return operators; }

    TypeResolver types() { return types; }

    Namespaces namespaces() { return namespaces; }

    Constant constant(int index) { return constants.get(index); }

    Declarations declarations() { return declarations; }

    /** A class, function, enum or the like; null if nothing is called so. */
    Term lookup(String name) {
        Term found = declarations.lookup(name);
        return found == null && prelude != null ? prelude.lookup(name) : found;
    }

    /** Functions that replace an operator in archives that were written when it meant something else. */
    Optional<List<ScriptFunction>> upgrader(String operator) {
        return prelude == null ? Optional.empty() : prelude.upgraders(operator, archiveVersion);
    }

    /** Functions under an operator's name that are written in TorchScript. */
    Optional<List<ScriptFunction>> builtin(String operator) {
        return prelude == null ? Optional.empty() : prelude.builtins(operator);
    }

    Declarations.ClassConstant classConstant(ClassType type, String name) {
        return declarations.classConstant(type, name);
    }

    FunctionSchema constructor(TupleType type) {
        return declarations.constructor(type);
    }

    boolean isProperty(ClassType type, String method) { return declarations.hasDecorator(type, method, "property"); }

    boolean isStatic(ClassType type, String method) { return declarations.hasDecorator(type, method, "staticmethod"); }

    /**
     * Compiles {@code __init__} of a class that declares its attributes by assigning them; false if there is nothing to
     * do.
     */
    boolean completeAttributes(ClassType type) { return declarations.completeAttributes(type); }

    /** Declares an attribute that {@code __init__} assigns; false if the class does not take new ones. */
    boolean declareAttribute(ClassType type, String name, Type attribute) {
        return declarations.declareAttribute(type, name, attribute);
    }

    /** True for classes that are implemented outside TorchScript. */
    static boolean isOpaque(ClassType type) { return type.name().startsWith(Declarations.CUSTOM_CLASSES); }
}
