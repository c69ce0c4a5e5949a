package dev.cresset.ir.script;

import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.script.ast.ClassDef;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.FunctionDef;
import dev.cresset.ir.script.ast.SourceFile;
import dev.cresset.ir.script.ast.Stmt;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.ClassType.AttributeKind;
import dev.cresset.ir.type.EnumType;
import dev.cresset.ir.type.InterfaceType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds and declares classes and functions by qualified name, each when it is first named. */
final class Declarations {
    static final String CUSTOM_CLASSES = "__torch__.torch.classes.";
    private static final String ROOT = "__torch__";

    /** A class constant: compiled where it is used. */
    record ClassConstant(Expr value, Type type) {}

    private final CompilationUnit unit;
    private final SourceProvider sources;
    private final Set<String> loaded = new HashSet<>();
    private final Map<String, Stmt> definitions = new HashMap<>();
    private final Map<String, Term> declared = new HashMap<>();
    private final Map<ClassType, Map<String, ClassConstant>> constants = new HashMap<>();
    private final Map<ClassType, ClassDef> classDefinitions = new HashMap<>();
    private final Map<TupleType, FunctionSchema> constructors = new HashMap<>();
    private final Set<ClassType> open = new HashSet<>();
    private final Set<String> declaring = new HashSet<>();

    Declarations(CompilationUnit unit, SourceProvider sources) {
        this.unit = unit;
        this.sources = sources;
    }

    Optional<Type> type(String name) {
        return switch (lookup(name)) {
            case Term.ClassRef(ClassType t) -> Optional.of(t);
            case Term.NamedTupleRef(TupleType t) -> Optional.of(t);
            case Term.EnumRef(EnumType t) -> Optional.of(t);
            case Term.InterfaceRef(InterfaceType t) -> Optional.of(t);
            case null, default -> Optional.empty();
        };
    }

    /** What the name stands for, or null. A bare name is one that was defined by {@link #define}. */
    Term lookup(String name) {
        Term known = declared.get(name);
        if (known != null) return known;
        int dot = name.lastIndexOf('.');
        if (dot < 0) return definitions.containsKey(ROOT + "." + name) ? lookup(ROOT + "." + name) : null;
        if (!name.startsWith(ROOT)) return null;
        load(name.substring(0, dot));
        Stmt definition = definitions.get(name);
        if (definition == null) return name.startsWith(CUSTOM_CLASSES) ? customClass(name) : null;
        if (!declaring.add(name)) throw FunctionCompiler.error("'" + name + "' is defined by itself",
            definition.range());
        try {
            return declare(name, definition);
        } catch (RuntimeException e) {
            declared.remove(name);
            throw e;
        } finally {
            declaring.remove(name);
        }
    }

    /** Makes a class known that has no source text of its own. */
    void declare(ClassType type) {
        if (declared.putIfAbsent(type.name(), new Term.ClassRef(type)) != null) {
            throw new IllegalArgumentException("'" + type.name() + "' is declared already");
        }
    }

    private Term customClass(String name) {
        String rest = name.substring(CUSTOM_CLASSES.length());
        if (rest.indexOf('.') < 0) return null;
        Term term = new Term.ClassRef(new ClassType(name, false));
        declared.put(name, term);
        return term;
    }

    private void load(String module) {
        if (!loaded.add(module)) return;
        sources.codeOf(module).ifPresent(source -> addAll(module, Parser.parse(source)));
    }

    private void addAll(String module, SourceFile file) {
        for (Stmt s : file.body()) {
            if (s instanceof ClassDef c) definitions.put(module + "." + c.name(), c);
            else if (s instanceof FunctionDef d) definitions.put(module + "." + d.name(), d);
        }
    }

    List<ScriptFunction> define(Source source) {
        SourceFile file = Parser.parse(source);
        load(ROOT);
        for (Stmt s : file.body()) {
            if (!(s instanceof ClassDef) && !(s instanceof FunctionDef)) {
                throw FunctionCompiler.error("only functions and classes can stand here", s.range());
            }
        }
        addAll(ROOT, file);
        file.classes().forEach(c -> declared.remove(ROOT + "." + c.name()));
        file.functions().forEach(d -> declared.remove(ROOT + "." + d.name()));
        return file.functions().stream().map(d -> ((Term.Function) lookup(ROOT + "." + d.name())).function()).toList();
    }

    List<ScriptFunction> defineMethods(ClassType type, Source source) {
        List<ScriptFunction> methods = new ArrayList<>();
        for (FunctionDef d : Parser.parse(source).functions()) methods.add(addMethod(type, d));
        return methods;
    }

    private ScriptFunction addMethod(ClassType type, FunctionDef d) {
        boolean isStatic = hasDecorator(d, "staticmethod");
        ScriptFunction method = new CompiledFunction(unit, type.name() + "." + d.name(), d, isStatic ? null : type);
        type.methods().put(d.name(), method);
        return method;
    }

    private Term declare(String name, Stmt definition) {
        if (definition instanceof FunctionDef d) return remember(name,
            new Term.Function(new CompiledFunction(unit, name, d, null)));
        ClassDef c = (ClassDef) definition;
        String base = c.bases().isEmpty() ? "" : String.valueOf(TypeResolver.dotted(c.bases().getFirst()));
        return switch (base.substring(base.lastIndexOf('.') + 1)) {
            case "NamedTuple" -> remember(name, namedTuple(name, c));
            case "Enum", "IntEnum" -> remember(name, enumeration(name, c));
            case "Interface" -> interfaceType(name, c, false);
            case "ModuleInterface" -> interfaceType(name, c, true);
            case "Module" -> classType(name, c, true);
            default -> classType(name, c, false);
        };
    }

    private Term remember(String name, Term term) {
        declared.put(name, term);
        return term;
    }

    private Term namedTuple(String name, ClassDef c) {
        List<Type> types = new ArrayList<>();
        List<String> fields = new ArrayList<>();
        List<Argument> arguments = new ArrayList<>();
        for (Stmt.Assign a : c.assignments()) {
            if (a.annotation().isEmpty() || !(a.targets().getFirst() instanceof Expr.Name(String field, _))) continue;
            Type type = unit.types().resolve(a.annotation().get());
            types.add(type);
            fields.add(field);
            arguments.add(a.value().map(v -> Argument.withDefault(field, type, Literals.evaluate(unit, v, type)))
                .orElseGet(() -> Argument.plain(field, type)));
        }
        TupleType tuple = new TupleType(types, name, fields);
        constructors.put(tuple, new FunctionSchema(c.name(), "", arguments, List.of(Argument.plain("", tuple)), false));
        return new Term.NamedTupleRef(tuple);
    }

    private Term enumeration(String name, ClassDef c) {
        Map<String, Object> members = new LinkedHashMap<>();
        Type type = SimpleType.INT;
        for (Stmt.Assign a : c.assignments()) {
            if (!(a.targets().getFirst() instanceof Expr.Name(String member, _)) || a.value().isEmpty()) continue;
            Object value = Literals.evaluate(unit, a.value().get(), null);
            members.put(member, value);
            type = Emitter.typeOf(value, SimpleType.ANY);
        }
        return new Term.EnumRef(new EnumType(name, type, members));
    }

    private Term interfaceType(String name, ClassDef c, boolean module) {
        InterfaceType type = new InterfaceType(name, module);
        Term term = remember(name, new Term.InterfaceRef(type));
        declaring.remove(name);
        for (FunctionDef d : c.methods()) {
            type.methods().put(d.name(), new CompiledFunction(unit, name + "." + d.name(), d, type).schema());
        }
        return term;
    }

    private Term classType(String name, ClassDef c, boolean module) {
        ClassType type = new ClassType(name, module);
        Term term = remember(name, new Term.ClassRef(type));
        declaring.remove(name); // from here on it may be named by its own parts
        classDefinitions.put(type, c);
        constants.put(type, new LinkedHashMap<>());
        for (FunctionDef d : c.methods()) addMethod(type, d);
        Set<String> parameters = new HashSet<>();
        Set<String> buffers = new HashSet<>();
        for (Stmt.Assign a : c.assignments()) member(type, a, parameters, buffers);
        if (type.attributes().isEmpty() && type.method("__init__").isPresent()) open.add(type);
        return term;
    }

    private void member(ClassType type, Stmt.Assign a, Set<String> parameters, Set<String> buffers) {
        Expr target = a.targets().getFirst();
        if (target instanceof Expr.Subscript(Expr.Name(String map, _), var items, _) && map.equals("__annotations__")
            && items.getFirst() instanceof Expr.Subscript.Index(Expr.StringLiteral(String name, _))
            && a.value().isPresent()) {
            addAttribute(type, name, unit.types().resolve(a.value().get()), parameters, buffers);
            return;
        }
        if (!(target instanceof Expr.Name(String name, _))) return;
        if (a.annotation().isEmpty()) {
            if (name.equals("__parameters__")) parameters.addAll(names(a));
            if (name.equals("__buffers__")) buffers.addAll(names(a));
            return;
        }
        Type annotated = unit.types().resolve(a.annotation().get());
        if (a.value().isEmpty()) {
            addAttribute(type, name, annotated, parameters, buffers);
        } else {
            constants.get(type).put(name, new ClassConstant(a.value().get(), annotated));
            type.constants().put(name, Literals.evaluate(unit, a.value().get(), annotated));
        }
    }

    private static List<String> names(Stmt.Assign a) {
        if (a.value().isPresent() && a.value().get() instanceof Expr.ListExpr(var elements, _)) {
            return elements.stream().filter(Expr.StringLiteral.class::isInstance).map(e ->
                ((Expr.StringLiteral) e).value()).toList();
        }
        return List.of();
    }

    private static void addAttribute(ClassType type, String name, Type attribute, Set<String> parameters,
            Set<String> buffers) {
        type.addAttribute(name, attribute, parameters.contains(name) ? AttributeKind.PARAMETER
            : buffers.contains(name) ? AttributeKind.BUFFER : AttributeKind.PLAIN);
    }

    ClassConstant classConstant(ClassType type, String name) {
        return constants.getOrDefault(type, Map.of()).get(name);
    }

    FunctionSchema constructor(TupleType type) {
        FunctionSchema known = constructors.get(type);
        if (known != null) return known;
        List<Argument> arguments = new ArrayList<>();
        for (int i = 0; i < type.elements().size(); i++) arguments.add(Argument.plain(type.fields().get(i),
            type.elements().get(i)));
        return new FunctionSchema(type.annotation(), "", arguments, List.of(Argument.plain("", type)), false);
    }

    boolean hasDecorator(ClassType type, String method, String decorator) {
        ClassDef c = classDefinitions.get(type);
        return c != null && c.methods().stream().anyMatch(d -> d.name().equals(method) && hasDecorator(d, decorator));
    }

    private static boolean hasDecorator(FunctionDef d, String decorator) {
        return d.decorators().stream().anyMatch(e -> e instanceof Expr.Name(String n, _) && n.equals(decorator));
    }

    boolean completeAttributes(ClassType type) {
        if (!open.contains(type)) return false;
        type.method("__init__").ifPresent(ScriptFunction::graph);
        open.remove(type);
        return true;
    }

    boolean declareAttribute(ClassType type, String name, Type attribute) {
        if (!open.contains(type)) return false;
        type.addAttribute(name, attribute, AttributeKind.PLAIN);
        return true;
    }
}
