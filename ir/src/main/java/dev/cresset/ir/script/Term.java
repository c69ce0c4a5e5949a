package dev.cresset.ir.script;

import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.script.ast.FunctionDef;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.EnumType;
import dev.cresset.ir.type.InterfaceType;
import dev.cresset.ir.type.TupleType;
import java.util.List;

/**
 * What a name or an expression stands for before it is used: often a value, but also a function, a class, a namespace.
 */
sealed interface Term {
    record Val(Value value) implements Term {}

    /** The results of a call with several; they become a tuple only if they are used as one value. */
    record Outputs(List<Value> values, List<String> names) implements Term {}

    /** {@code torch}, {@code ops.quantized}, {@code __torch__.a.b}, {@code math}. */
    record Namespace(String path) implements Term {}

    record Function(ScriptFunction function) implements Term {}

    /** An operator by name; {@code self} is the receiver of {@code x.relu}, or null. */
    record Operator(String name, Value self) implements Term {}

    /** A method of an object; called through its name, for the object may be of an interface. */
    record Method(Value object, String name) implements Term {}

    record ClassRef(ClassType type) implements Term {}

    /** {@code C.__new__}. */
    record Creator(ClassType type) implements Term {}

    record NamedTupleRef(TupleType type) implements Term {}

    record InterfaceRef(InterfaceType type) implements Term {}

    record EnumRef(EnumType type) implements Term {}

    /** A form with rules of its own: {@code annotate}, {@code isinstance}, {@code range}, {@code int}. */
    record Special(String name) implements Term {}

    /** The class of an exception, {@code ValueError}. */
    record ExceptionRef(String name) implements Term {}

    /** A function defined within a function; it sees the variables of that one. */
    record Closure(FunctionDef definition, Frame scope) implements Term {}

    /** A sequence whose length is known while compiling: children of a module container. */
    record Sequence(List<Term> items) implements Term {}

    /** {@code range(a, b, c)}. */
    record Range(List<Value> bounds) implements Term {}

    record Enumerate(Term of, Value start) implements Term {}

    record Zip(List<Term> parts) implements Term {}
}
