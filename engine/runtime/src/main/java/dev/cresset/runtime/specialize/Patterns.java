package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Sharing;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Makes the patterns of arguments: what a specialisation for them may rely on. */
public final class Patterns {
    private final List<Value> inputs;
    private final boolean[] written;

    /** For the inputs of a graph; lists that it changes are not looked into. */
    public Patterns(Graph graph) {
        inputs = graph.inputs();
        Sharing sharing = Sharing.of(graph);
        written = new boolean[inputs.size()];
        for (int i = 0; i < written.length; i++) written[i] = sharing.isWritten(inputs.get(i));
    }

    /** @param varying positions of arguments whose values differ from call to call, so that none is taken for constant */
    public List<Pattern> of(Object[] arguments, Set<Integer> varying) {
        List<Pattern> out = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) out.add(of(arguments[i], inputs.get(i).type(), written[i], varying.contains(i)));
        return out;
    }

    private static Pattern of(Object value, Type type, boolean written, boolean varies) {
        Type plain = type instanceof OptionalType o ? o.element() : type;
        return switch (value) {
            case Tensor t -> Pattern.OfTensor.of(t);
            case ScriptObject _ when type instanceof dev.cresset.ir.type.ClassType c && c.isModule() -> new Pattern.OfModule();
            case ScriptTuple t when plain instanceof TupleType tuple -> {
                List<Pattern> elements = new ArrayList<>();
                for (int i = 0; i < t.size(); i++) elements.add(of(t.get(i), tuple.elements().get(i), written, varies));
                yield new Pattern.OfElements(false, elements);
            }
            case ScriptList l when plain instanceof ListType list && !written && l.size() <= MAX_LIST -> new Pattern.OfElements(true,
                l.stream().map(e -> of(e, list.element(), false, varies)).toList());
            case Long _, Double _, Boolean _, String _ when !varies && plain == type -> new Pattern.OfConstant(value);
            case dev.cresset.ir.type.Device _ when !varies -> new Pattern.OfConstant(value);
            case null, default -> new Pattern.OfAny(value == null);
        };
    }

    private static final int MAX_LIST = 64;
}
