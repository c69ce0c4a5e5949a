package dev.cresset.ir.schema;

import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.List;

/** How an argument becomes a value of the type that is wanted; carried out by whoever emits the call. */
public sealed interface Conversion {
    /** Nothing to do: the value is already of the type. */
    Conversion NONE = new Keep();

    record Keep() implements Conversion {}

    /** An empty list literal takes the wanted type. */
    record EmptyList(ListType type) implements Conversion {}

    /** A tuple's elements, each converted, become a list. */
    record TupleToList(List<Conversion> elements, ListType type) implements Conversion {}

    /** A tuple's elements, each converted, become a tuple again. */
    record TupleToTuple(List<Conversion> elements, TupleType type) implements Conversion {}

    /** One value stands for a list of {@code length} of them: {@code int[2] stride=1}. */
    record Repeat(int length, ListType type) implements Conversion {}

    /** A call of an operator with one argument, {@code aten::IntImplicit}. */
    record Call(String operator, Type type) implements Conversion {}

    /** The value is known to be of the type though its own type does not say so. */
    record Recast(Type type) implements Conversion {}
}
