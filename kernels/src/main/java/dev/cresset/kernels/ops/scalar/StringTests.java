package dev.cresset.kernels.ops.scalar;

import dev.cresset.kernels.op.Catalog;
import java.util.function.IntPredicate;

/** The {@code is…} methods of strings. */
final class StringTests {
    private StringTests() {}

    static void declare(Catalog ops) {
        every(ops, "isalpha", Character::isLetter);
        every(ops, "isalnum", c -> Character.isLetterOrDigit(c));
        every(ops, "isdecimal", Character::isDigit);
        every(ops, "isdigit", Character::isDigit);
        every(ops, "isnumeric", Character::isDigit);
        every(ops, "isspace", Strings::isSpace);
        ops.op("aten::isprintable(str self) -> bool").host(a -> a.str(0).codePoints().noneMatch(Character::isISOControl));
        ops.op("aten::isidentifier(str self) -> bool").host(a -> isIdentifier(a.str(0)));
        ops.op("aten::islower(str self) -> bool").host(a -> hasCase(a.str(0), Character::isLowerCase, Character::isUpperCase));
        ops.op("aten::isupper(str self) -> bool").host(a -> hasCase(a.str(0), Character::isUpperCase, Character::isLowerCase));
        ops.op("aten::istitle(str self) -> bool").host(a -> isTitle(a.str(0)));
    }

    /** True for a string that is not empty and whose every character passes. */
    private static void every(Catalog ops, String name, IntPredicate test) {
        ops.op("aten::" + name + "(str self) -> bool").host(a -> !a.str(0).isEmpty() && a.str(0).codePoints().allMatch(test));
    }

    private static boolean hasCase(String s, IntPredicate wanted, IntPredicate other) {
        return s.codePoints().anyMatch(wanted) && s.codePoints().noneMatch(other);
    }

    private static boolean isIdentifier(String s) {
        // PyTorch 1.13 lets none begin with an underscore
        return !s.isEmpty() && Character.isLetter(s.codePointAt(0))
            && s.codePoints().allMatch(c -> c == '_' || Character.isLetterOrDigit(c));
    }

    private static boolean isTitle(String s) {
        boolean afterLetter = false;
        boolean any = false;
        for (int c : s.codePoints().toArray()) {
            if (Character.isLetter(c) && Character.isUpperCase(c) == afterLetter) return false;
            afterLetter = Character.isLetter(c);
            any |= afterLetter;
        }
        return any;
    }
}
