package dev.cresset.bench.differential.program;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A random program behind a {@code forward} that takes plain memory and gives lists, for engines whose callers can neither make
 * strided tensors nor pass None nor look into a module. For a parameter {@code x: Tensor} it takes {@code x: List[Tensor]} (one
 * tensor with the memory, none for None), {@code x_sizes: List[int]}, {@code x_strides: List[int]}, {@code x_offset: int}; other
 * parameters are as they are. What is printed is computed, but not printed. With {@code ask} true it returns the attributes instead of running the program.
 */
public final class PlainCalls {
    private PlainCalls() {}

    public static byte[] archive(RandomProgram program) {
        String source = program.source("run").replaceAll("(?m)^( *)print\\(\"[^\"]*\", (.*)\\)$", "$1assert torch.ne(int($2), -98765), \"\"");
        return ProgramArchive.pack(source + forward(program), program.weights().values(), program.counter());
    }

    private static String forward(RandomProgram program) {
        StringBuilder out = new StringBuilder("  def forward(self: __torch__.M,\n    ask: bool");
        for (Parameter p : program.parameters()) out.append(",\n    ").append(declaration(p));
        out.append(") -> List[Tensor]:\n    if ask:\n      return ").append(state(program)).append('\n');
        for (Parameter p : program.parameters()) out.append(strided(p));
        String arguments = program.parameters().stream().map(p -> p.kind() == null ? p.name() : "t_" + p.name()).collect(Collectors.joining(", "));
        out.append("    r = (self).run(").append(arguments).append(")\n    return ");
        if (program.results() == 1) return out.append("[r]\n").toString();
        return out.append(IntStream.range(0, program.results()).mapToObj(i -> "(r)[" + i + "]").collect(Collectors.joining(", ", "[", "]\n"))).toString();
    }

    private static String declaration(Parameter p) {
        if (p.kind() == null) return p.declaration();
        return String.format("%1$s: List[Tensor],\n    %1$s_sizes: List[int],\n    %1$s_strides: List[int],\n    %1$s_offset: int", p.name());
    }

    private static String strided(Parameter p) {
        String view = String.format("torch.as_strided(%1$s[0], %1$s_sizes, %1$s_strides, %1$s_offset)", p.name());
        return switch (p.form()) {
            case TENSOR -> "    t_" + p.name() + " = " + view + "\n";
            case OPTIONAL -> "    t_" + p.name() + " = annotate(Optional[Tensor], None)\n    if torch.gt(torch.len(" + p.name() + "), 0):\n      t_"
                + p.name() + " = " + view + "\n";
            case INT, FLOAT, BOOL -> "";
        };
    }

    private static String state(RandomProgram program) {
        String tensors = program.states().stream().map(s -> "torch.clone(self." + s + ")").collect(Collectors.joining(", "));
        String count = program.counter() ? (tensors.isEmpty() ? "" : ", ") + "torch.tensor(self.count)" : "";
        return "annotate(List[Tensor], [" + tensors + count + "])";
    }
}
