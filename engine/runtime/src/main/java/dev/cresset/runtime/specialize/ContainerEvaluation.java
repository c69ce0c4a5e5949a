package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptTuple;
import java.util.List;

/** Evaluates nodes that make lists, tuples and dicts or take them apart. Operators of these are run on their mirrors. */
final class ContainerEvaluation {
    private final Facts facts;

    ContainerEvaluation(Facts facts) { this.facts = facts; }

    void list(Node node) {
        ListType type = (ListType) node.output().type();
        List<Object> mirrors = facts.of(node.inputs()).stream().map(facts::registered).map(Fact::mirror).toList();
        ScriptList mirror = new ScriptList(type.element(), mirrors);
        facts.bind(node.output(), new Fact.Listed(type, mirror));
    }

    void dict(Node node) {
        DictType type = (DictType) node.output().type();
        ScriptDict mirror = new ScriptDict(type.key(), type.value());
        for (int i = 0; i < node.inputs().size(); i += 2) {
            if (!(facts.of(node.input(i)) instanceof Fact.Known(Object key, Type _))) {
                facts.keep(node, true);
                return;
            }
            mirror.put(key, facts.registered(facts.of(node.input(i + 1))).mirror());
        }
        facts.bind(node.output(), new Fact.Dicted(type, mirror));
    }

    void tuple(Node node) {
        TupleType type = (TupleType) node.output().type();
        List<Fact> elements = facts.of(node.inputs()).stream().map(facts::registered).toList();
        facts.bind(node.output(), new Fact.Tupled(type, ScriptTuple.of(type, elements.stream().map(Fact::mirror).toArray()), elements));
    }

    void unpack(Node node) {
        List<Fact> elements = switch (facts.of(node.input(0))) {
            case Fact.Tupled t -> t.elements();
            case Fact.Listed l -> l.mirror().stream().map(item -> facts.wrap(item, l.type().element())).toList();
            default -> null;
        };
        if (elements == null) {
            facts.keep(node, false);
            return;
        }
        if (elements.size() != node.outputs().size()) {
            throw new Unspecialisable("it fails: " + elements.size() + " elements are unpacked into " + node.outputs().size() + " values");
        }
        for (int i = 0; i < elements.size(); i++) facts.bind(node.outputs().get(i), elements.get(i));
    }

    void tupleIndex(Node node) {
        if (facts.of(node.input(0)) instanceof Fact.Tupled t && facts.of(node.input(1)) instanceof Fact.Known(Object k, Type _) && k instanceof Long i) {
            long at = i < 0 ? i + t.elements().size() : i;
            if (at >= 0 && at < t.elements().size()) {
                facts.bind(node.output(), t.elements().get((int) at));
                return;
            }
        }
        facts.keep(node, false);
    }
}
