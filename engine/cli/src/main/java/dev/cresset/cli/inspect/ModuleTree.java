package dev.cresset.cli.inspect;

import dev.cresset.ir.type.ClassType;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The modules of a program as an indented outline: classes, parameters with shapes, counts of elements. */
public final class ModuleTree {
    private final StringBuilder out = new StringBuilder();
    private final Set<ScriptObject> open = Collections.newSetFromMap(new IdentityHashMap<>());

    private ModuleTree() {}

    public static String of(ScriptObject root) {
        ModuleTree tree = new ModuleTree();
        tree.module("", "(main)", root);
        return tree.out.toString();
    }

    private void module(String indent, String name, ScriptObject module) {
        Weights weights = Weights.of(module);
        out.append(indent).append(name).append("  ").append(shortName(module.type()));
        if (weights.parameters() > 0) out.append(String.format(Locale.ROOT, "  %,d parameters", weights.parameters()));
        out.append('\n');
        if (!open.add(module)) return; // a module that holds itself
        for (ClassType.Attribute a : module.type().attributes()) attribute(indent + "  ", a, module.get(a.name()));
        open.remove(module);
    }

    private void attribute(String indent, ClassType.Attribute a, Object value) {
        if (value instanceof ScriptObject o && o.type().isModule()) {
            module(indent, a.name(), o);
        } else if (value instanceof Tensor t) {
            String kind = a.kind() == ClassType.AttributeKind.PARAMETER ? ""
                : a.kind() == ClassType.AttributeKind.BUFFER ? "  (buffer)" : "  (attribute)";
            out.append(indent).append(a.name()).append("  ").append(shape(t)).append(kind).append('\n');
        }
    }

    /** {@code Conv2d} for {@code __torch__.torch.nn.modules.conv.___torch_mangle_0.Conv2d}. */
    static String shortName(ClassType type) { return type.name().substring(type.name().lastIndexOf('.') + 1); }

    static String shape(Tensor t) {
        return t.dtype().shortName() + Arrays.stream(t.sizes()).mapToObj(Long::toString)
            .collect(Collectors.joining(",", "[", "]"));
    }
}
