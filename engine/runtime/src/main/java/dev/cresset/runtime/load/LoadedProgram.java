package dev.cresset.runtime.load;

import dev.cresset.ir.archive.LegacyClass;
import dev.cresset.ir.archive.ModelFile;
import dev.cresset.ir.diag.ArchiveException;
import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.script.CompilationUnit;
import dev.cresset.ir.script.Constant;
import dev.cresset.ir.script.ConstantTable;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.EnumType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.interpreter.Interpreter;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Storage;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A model file made ready: its classes, and the module as the archive holds it, from which instances are copied. */
public final class LoadedProgram {
    /** What {@code __setstate__} may do: far more than any real one needs. The interpreter bounds its time as well. */
    private static final long MAX_INSTRUCTIONS = 2_000_000;
    private static final long MAX_STORAGE_BYTES = 4L << 30;

    private final ModelFile file;
    private final CompilationUnit unit;
    private final ScriptObject prototype;

    private LoadedProgram(ModelFile file, CompilationUnit unit, ScriptObject prototype) {
        this.file = file;
        this.unit = unit;
        this.prototype = prototype;
    }

    public ModelFile file() { return file; }

    public CompilationUnit unit() { return unit; }

    /** The module as loaded; shared by all instances, so nobody may change it. */
    public ScriptObject prototype() { return prototype; }

    /**
     * Reads classes and objects of an open model file.
     *
     * @throws dev.cresset.ir.diag.CressetException if the file is malformed, its code does not compile, or loading itself
     *     needs an operator that is not supported
     */
    public static LoadedProgram load(ModelFile file, Catalog catalog, Interpreter interpreter, MemoryPool pool, PrintStream out) {
        return load(file, catalog, interpreter, pool, out, null);
    }

    /** As above, for a device. @param weights where the tensors go and stay, whoever calls this closes it; null for the host */
    public static LoadedProgram load(ModelFile file, Catalog catalog, Interpreter interpreter, MemoryPool pool, PrintStream out,
        DeviceWeights weights) {
        ConstantsHolder constants = new ConstantsHolder(weights);
        CompilationUnit unit = new CompilationUnit(catalog, file::code, constants, file.version());
        try (Scope scope = new Scope(pool, MAX_STORAGE_BYTES)) {
            CallContext context = new CallContext(catalog, scope, new Generator(0), out, 1, false);
            if (weights != null) context.on(weights.accelerator().call(weights.stream()));
            ObjectBuilder builder = new ObjectBuilder(file, new ArchiveClasses(file, unit, interpreter, context), weights);
            constants.fill(file.constants(), builder);
            ScriptObject root = (ScriptObject) builder.build(file.root(), SimpleType.ANY);
            if (weights != null && weights.accelerator().precision().narrow() != null) root = narrowed(root, context, builder, weights);
            for (Storage s : new Reachable(root).storages()) {
                if (s.isOnDevice() && s.isPooled()) weights.own(s);
                else s.detach();
            }
            if (weights != null) weights.settle();
            return new LoadedProgram(file, unit, root);
        }
    }

    /** The constants' tensors keep their types, and their memory is brought there anew if it was that of weights. */
    private static ScriptObject narrowed(ScriptObject root, CallContext context, ObjectBuilder builder, DeviceWeights weights) {
        NarrowWeights.Narrowed narrowed = NarrowWeights.Narrowed.of(root, context, weights.accelerator().precision().narrow());
        builder.forget(narrowed.free());
        weights.free(narrowed.free());
        return narrowed.module();
    }

    /** The constants, made when code first asks: they may be objects of classes of the same archive. */
    private static final class ConstantsHolder implements ConstantTable {
        private List<?> stored = List.of();
        private ObjectBuilder builder;
        private final Map<Integer, Constant> made = new HashMap<>();
        private final DeviceWeights weights;

        ConstantsHolder(DeviceWeights weights) { this.weights = weights; }

        void fill(List<?> constants, ObjectBuilder objectBuilder) {
            stored = constants;
            builder = objectBuilder;
        }

        @Override public synchronized Constant get(int index) {
            if (index < 0 || index >= stored.size()) {
                throw new ScriptException("the code uses CONSTANTS.c" + index + ", and the archive has " + stored.size() + " constants");
            }
            Constant known = made.get(index);
            if (known == null) {
                if (weights != null) weights.load();
                Object value = builder.build(stored.get(index), SimpleType.ANY);
                if (weights != null) weights.settle();
                made.put(index, known = new Constant(value, ObjectBuilder.typeOf(value)));
            }
            return known;
        }
    }

    private static final class ArchiveClasses implements ObjectBuilder.Classes {
        private final ModelFile file;
        private final CompilationUnit unit;
        private final Interpreter interpreter;
        private final CallContext context;
        private final Map<String, ClassType> legacy = new HashMap<>();

        ArchiveClasses(ModelFile file, CompilationUnit unit, Interpreter interpreter, CallContext context) {
            this.file = file;
            this.unit = unit;
            this.interpreter = interpreter;
            this.context = context;
        }

        @Override public Type resolve(String annotation) { return unit.resolveType(annotation); }

        @Override public ClassType classType(String name) {
            return file.legacyClass(name).map(this::legacy).orElseGet(() -> unit.classType(name));
        }

        private ClassType legacy(LegacyClass c) {
            if (legacy.containsKey(c.name())) return legacy.get(c.name());
            ClassType type = new ClassType(c.name(), true);
            legacy.put(c.name(), type);
            unit.declare(type);
            c.attributes().forEach((attribute, annotation) -> type.addAttribute(attribute,
                file.legacyClass(annotation).<Type>map(this::legacy).orElseGet(() -> resolve(annotation)),
                c.parameters().contains(attribute) ? ClassType.AttributeKind.PARAMETER
                    : c.buffers().contains(attribute) ? ClassType.AttributeKind.BUFFER : ClassType.AttributeKind.PLAIN));
            c.code().ifPresent(source -> unit.defineMethods(type, source));
            return type;
        }

        @Override public EnumType enumType(String name) {
            if (unit.resolveType(name) instanceof EnumType e) return e;
            throw new ArchiveException("data.pkl", -1, "an enum value is of " + name + ", which is no enum");
        }

        @Override public java.util.Optional<LegacyClass.SetState> legacyState(String className) {
            return file.legacyClass(className).flatMap(LegacyClass::setState);
        }

        @Override public void setState(ScriptObject object, Object state) {
            ScriptFunction function = object.type().method("__setstate__").orElseThrow();
            boolean takesState = function.schema().arguments().size() > 1;
            interpreter.runBounded(context, MAX_INSTRUCTIONS, interpreter.code(function), takesState ? new Object[] {object, state} : new Object[] {object});
        }
    }

    /** The class of the main module. */
    public ClassType mainClass() { return prototype.type(); }
}
