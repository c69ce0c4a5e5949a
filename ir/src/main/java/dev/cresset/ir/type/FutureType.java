package dev.cresset.ir.type;

import java.util.List;

/** {@code Future[T]}: what {@code fork} returns; {@code Await[T]} is read as the same. */
public record FutureType(Type element) implements Type {
    @Override public String annotation() { return "Future[" + element.annotation() + "]"; }

    @Override public List<Type> contained() { return List.of(element); }

    @Override public String toString() { return "Future[" + element + "]"; }
}
