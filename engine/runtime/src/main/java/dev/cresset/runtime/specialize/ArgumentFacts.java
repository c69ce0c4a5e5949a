package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is known of a graph's inputs: what their patterns say. */
final class ArgumentFacts {
    private final Facts facts;
    private final ScriptObject root;

    /** @param root the module that an input may be, or null */
    ArgumentFacts(Facts facts, ScriptObject root) {
        this.facts = facts;
        this.root = root;
    }

    /**
     * Binds an input of the original graph.
     *
     * @param plain the new graph's input, of the static type
     * @return the new graph's input, its type as complete as the pattern says
     */
    Value bind(Value old, Value plain, Pattern pattern) {
        if (pattern instanceof Pattern.OfTensor t) {
            Tensor mirror = MetaExecution.tensor(t.type());
            Value typed = new Value(Facts.typeOf(mirror), old.hint());
            facts.bind(old, facts.shaped(mirror, typed));
            return typed;
        }
        Value value = pattern instanceof Pattern.OfRank r ? new Value(r.type(), old.hint()) : plain;
        facts.bind(old, fact(value, pattern, old.type()));
        return value;
    }

    private Fact fact(Value value, Pattern pattern, Type type) {
        return switch (pattern) {
            case Pattern.OfModule _ -> new Fact.Module(root, List.of());
            case Pattern.OfConstant(Object v) -> {
                Fact f = facts.wrap(v, type);
                yield f == null ? new Fact.Unknown(value) : f;
            }
            case Pattern.OfAny(boolean none) -> none ? new Fact.Known(null, SimpleType.NONE) : new Fact.Unknown(value);
            case Pattern.OfElements e -> elements(value, e, type);
            case Pattern.OfRank _ -> new Fact.Unknown(value);
            case Pattern.OfTensor t -> {
                Tensor mirror = MetaExecution.tensor(t.type());
                yield facts.shaped(mirror, value);
            }
        };
    }

    /** Takes a tuple or list apart where the graph begins. */
    private Fact elements(Value value, Pattern.OfElements pattern, Type type) {
        Type plain = type instanceof OptionalType o ? o.element() : type;
        List<Value> items = new ArrayList<>();
        List<Fact> parts = new ArrayList<>();
        for (int i = 0; i < pattern.elements().size(); i++) {
            Type t = plain instanceof TupleType tuple ? tuple.elements().get(i) : ((ListType) plain).element();
            Pattern p = pattern.elements().get(i);
            items.add(new Value(switch (p) {
                case Pattern.OfTensor o -> Facts.typeOf(MetaExecution.tensor(o.type()));
                case Pattern.OfRank r -> r.type();
                default -> t;
            }));
        }
        Value container = value;
        if (plain != type) {
            container = new Value(plain, value.hint());
            facts.emission.add(Node.prim(Kinds.UNCHECKED_CAST, List.of(value), List.of(container), Location.NONE));
        }
        facts.emission.add(Node.prim(pattern.list() ? Kinds.LIST_UNPACK : Kinds.TUPLE_UNPACK, List.of(container), items,
            Location.NONE));
        for (int i = 0; i < items.size(); i++) parts.add(facts.registered(fact(items.get(i), pattern.elements().get(i), items.get(i).type())));
        Object[] mirrors = parts.stream().map(Fact::mirror).toArray();
        if (plain instanceof TupleType tuple) return new Fact.Tupled(tuple, ScriptTuple.of(tuple, mirrors), parts);
        ListType list = (ListType) plain;
        Fact.Listed listed = new Fact.Listed(list, new ScriptList(list.element(), Arrays.asList(mirrors)));
        listed.value = container;
        return listed;
    }
}
