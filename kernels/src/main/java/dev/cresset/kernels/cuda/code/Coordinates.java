package dev.cresset.kernels.cuda.code;

/** Prints where operands are: from the number of an element or row to the position in each operand. */
final class Coordinates {
    private final Variant variant;
    private final Parameters parameters;
    private final int operands;
    private final Lines out;

    Coordinates(Variant variant, Parameters parameters, int operands, Lines out) {
        this.variant = variant;
        this.parameters = parameters;
        this.operands = operands;
        this.out = out;
    }

    /** The C type of numbers of elements: unsigned, since their division is faster. */
    String index() { return variant.wide() ? "u64" : "u32"; }

    /** The C type of positions, which strides may take in any direction. */
    String position() { return variant.wide() ? "i64" : "int"; }

    String stride(int operand, int dim) { return "(" + position() + ") p." + parameters.stride(operand, dim); }

    String size(int dim) { return "(" + index() + ") p.size" + dim; }

    /**
     * Declares c‹last›, the coordinate of dimension {@code last}, and o0, o1 …, the operands' positions.
     *
     * @param number counts elements of the dimensions up to {@code last}; if that is -1 everything is at the beginning
     */
    void locate(String number, int last) {
        for (int k = 0; k < operands; k++) out.add(position() + " o" + k + " = 0;");
        if (last < 0) return;
        if (last > 0) out.add(index() + " rest = " + number + ", quotient;");
        for (int d = last; d >= 0; d--) {
            int outer = last - d;   // dimensions within
            boolean optional = variant.open() && outer > 0;
            if (optional) out.open("if (p.rank > " + outer + ") {");
            coordinate(d, last, number);
            for (int k = 0; k < operands; k++) out.add("o" + k + " += (" + position() + ") c" + d + " * " + stride(k, d) + ";");
            if (optional) out.close();
        }
    }

    private void coordinate(int d, int last, String number) {
        if (last == 0) {
            out.add("const " + index() + " c0 = " + number + ";");
        } else if (d == 0) {
            out.add("const " + index() + " c0 = rest;");
        } else {
            String division = "rest / " + size(d);
            out.add("quotient = " + (variant.open() ? "p.rank > " + (last - d + 1) + " ? " + division + " : 0" : division) + ";");
            out.add("const " + index() + " c" + d + " = rest - quotient * " + size(d) + ";");
            out.add("rest = quotient;");
        }
    }
}
