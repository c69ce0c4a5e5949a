package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.script.ast.Expr;
import java.math.BigInteger;
import java.util.Locale;

/** The values of number literals. */
final class NumberLiterals {
    private static final int LONG_BITS = 63;

    private NumberLiterals() {}

    /** A literal with the minus that stood before it: only so can the smallest int be written. */
    static Expr parse(String written, boolean negative, SourceRange range) {
        String digits = written.replace("_", "").toLowerCase(Locale.ROOT);
        try {
            if (digits.startsWith("0x")) return integer(digits.substring(2), 16, negative, range);
            if (digits.startsWith("0b")) return integer(digits.substring(2), 2, negative, range);
            if (digits.startsWith("0o")) return integer(digits.substring(2), 8, negative, range);
            if (digits.endsWith("j")) {
                double value = Double.parseDouble(digits.substring(0, digits.length() - 1));
                return new Expr.ComplexLiteral(negative ? -value : value, range);
            }
            if (digits.indexOf('.') >= 0 || digits.indexOf('e') >= 0) {
                double value = Double.parseDouble(digits);
                return new Expr.FloatLiteral(negative ? -value : value, range);
            }
            return integer(digits, 10, negative, range);
        } catch (NumberFormatException e) {
            throw new ScriptException("'" + written + "' is not a number", range);
        }
    }

    private static Expr integer(String digits, int radix, boolean negative, SourceRange range) {
        int zeros = 0;
        while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') zeros++;
        // A number of thousands of digits must not cost quadratic time before it is refused.
        if (digits.length() - zeros > LONG_BITS + 1) throw tooLarge(range);
        BigInteger value = new BigInteger(digits.substring(zeros), radix);
        if (value.signum() < 0) throw new NumberFormatException();
        if (negative) value = value.negate();
        if (value.bitLength() > LONG_BITS) throw tooLarge(range);
        return new Expr.IntLiteral(value.longValue(), range);
    }

    private static ScriptException tooLarge(SourceRange range) {
        return new ScriptException("This integer does not fit in 64 bits with a sign; write it as a float, "
                + "with a point, if it need not be exact", range);
    }
}
