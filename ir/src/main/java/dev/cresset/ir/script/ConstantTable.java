package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import java.util.List;

/**
 * The values that code refers to as {@code CONSTANTS.c0}, {@code CONSTANTS.c1}, …; may be made when first asked for.
 */
@FunctionalInterface
public interface ConstantTable {
    ConstantTable NONE = of(List.of());

    /** @throws ScriptException if there is no constant of this number */
    Constant get(int index);

    static ConstantTable of(List<Constant> constants) {
        List<Constant> copy = List.copyOf(constants);
        return index -> {
            if (index >= copy.size()) {
                throw new ScriptException("the code uses CONSTANTS.c" + index + ", and the archive has " + copy.size()
                    + " constants");
            }
            return copy.get(index);
        };
    }
}
