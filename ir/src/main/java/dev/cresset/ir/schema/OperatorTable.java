package dev.cresset.ir.schema;

import java.util.List;
import java.util.Optional;

/** The operators a program may call. */
public interface OperatorTable {
    /** All overloads of {@code aten::add}, in the order in which they are tried; empty if there is none of the name. */
    List<? extends OperatorInfo> overloads(String name);

    /** The one operator called {@code aten::add.Tensor}. */
    default Optional<OperatorInfo> find(String qualifiedName) {
        int dot = qualifiedName.indexOf('.', qualifiedName.indexOf("::"));
        String name = dot < 0 ? qualifiedName : qualifiedName.substring(0, dot);
        for (OperatorInfo o : overloads(name)) if (o.schema().qualifiedName().equals(qualifiedName)) return Optional.of(o);
        return Optional.empty();
    }
}
