package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Structure;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The parameter of a kernel: slots, their declaration as a struct, the names of its fields. */
final class Parameters {
    /** What every device and driver takes is 4 KB. */
    private static final int MOST_SLOTS = 500;

    private final Structure s;
    private final List<Slot> slots = new ArrayList<>();
    private final StringBuilder fields = new StringBuilder();
    private final Set<Dag.Op.Param> numbers = new LinkedHashSet<>();

    Parameters(Structure s, Variant v) {
        this.s = s;
        int operands = s.inputs() + s.outputs().size();
        for (int k = 0; k < operands; k++) add(new Slot.Address(k), (k < s.inputs() ? "const " : "") + CudaTypes.element(type(k)) + "* " + name(k));
        if (v.open()) add(new Slot.Rank(), "i64 rank");
        add(new Slot.Elements(), "i64 elements");
        add(new Slot.Rows(), "i64 rows");
        for (int d = 0; d < v.dims(); d++) add(new Slot.Size(d), "i64 size" + d);
        for (int k = 0; k < operands; k++) for (int d = 0; d < v.dims(); d++) add(new Slot.Stride(k, d), "i64 " + stride(k, d));
        for (Dag.Node n : s.nodes()) if (n.op() instanceof Dag.Op.Param p && numbers.add(p)) addNumber(p);
        if (slots.size() > MOST_SLOTS) throw new UnsupportedException(slots.size() + " arguments of one CUDA kernel", List.of());
    }

    private void addNumber(Dag.Op.Param p) {
        boolean complex = Expr.compute(p.type()) == ScalarType.COMPLEX128;
        boolean integer = Expr.compute(p.type()) == ScalarType.INT64 || p.type() == ScalarType.BOOL;
        add(new Slot.Number(p.input(), p.type(), false), (integer ? "i64 " : "double ") + field(p));
        if (complex) add(new Slot.Number(p.input(), p.type(), true), "double " + field(p) + "_im");
    }

    private void add(Slot slot, String declaration) {
        slots.add(slot);
        fields.append("    ").append(declaration).append(";\n");
    }

    private ScalarType type(int operand) {
        if (operand >= s.inputs()) return s.outputs().get(operand - s.inputs()).type();
        for (Dag.Node n : s.nodes()) if (n.op() instanceof Dag.Op.Load(int i, ScalarType t) && i == operand) return t;
        return ScalarType.UINT8;   // nothing reads it
    }

    String name(int operand) { return operand < s.inputs() ? "x" + operand : "y" + (operand - s.inputs()); }

    String element(int operand) { return CudaTypes.element(type(operand)); }

    String stride(int operand, int dim) { return name(operand) + "_stride" + dim; }

    private static String field(Dag.Op.Param p) { return "number" + p.input() + "_" + p.type().name().toLowerCase(Locale.ROOT); }

    /** The value of a number argument. */
    String value(Dag.Op.Param p) {
        return switch (Expr.compute(p.type())) {
            case BOOL -> "(p." + field(p) + " != 0)";
            case FLOAT32 -> "(float) p." + field(p);
            case COMPLEX128 -> "k_complex(p." + field(p) + ", p." + field(p) + "_im)";
            default -> "p." + field(p);
        };
    }

    List<Slot> slots() { return slots; }

    /** Their declarations in a struct. */
    String fields() { return fields.toString(); }

    /** The kernel with this body, named by what it is. */
    KernelText kernel(String body, Launch launch, int vector) {
        String rest = "    " + fields.toString().strip() + "\n};\n";
        String name = "k" + hash(rest + launch + body);
        String source = "struct " + name + "_args {\n" + rest + "extern \"C\" __global__ void " + launch.bounds() + " " + name
            + "(const " + name + "_args p) " + body;
        return new KernelText(name, source, slots, launch, vector);
    }

    /** A short name for a text, different ones for different texts. */
    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 10);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has it", e);
        }
    }
}
