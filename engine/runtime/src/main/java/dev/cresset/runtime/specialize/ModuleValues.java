package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.value.ScriptObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The values of the new graph that stand for the main module and those within it. */
final class ModuleValues {
    private final Value self;
    private final ScriptObject root;
    private final Emission emission;
    private final Map<List<Integer>, Value> values = new HashMap<>();

    /** @param self the new graph's value of the main module, and the module; both null if there is none */
    ModuleValues(Value self, ScriptObject root, Emission emission) {
        this.self = self;
        this.root = root;
        this.emission = emission;
    }

    /** The value of a module, read from its attribute when it is first needed. */
    Value value(Fact.Module m) {
        if (m.path().isEmpty()) return self;
        Value known = values.get(m.path());
        if (known != null) return known;
        List<Integer> above = m.path().subList(0, m.path().size() - 1);
        ScriptObject parent = (ScriptObject) Frozen.attribute(root, above);
        Value holder = value(new Fact.Module(parent, above));
        var attribute = parent.type().attributes().get(m.path().getLast());
        Value out = new Value(attribute.type(), attribute.name());
        emission.addToPrologue(new Node(Kinds.GET_ATTR, null, Map.of("name", attribute.name()), List.of(holder), List.of(out),
            List.of(), Location.NONE));
        values.put(m.path(), out);
        return out;
    }
}
