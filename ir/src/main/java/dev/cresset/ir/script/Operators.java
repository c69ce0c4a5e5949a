package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.Conversion;
import dev.cresset.ir.schema.OperatorInfo;
import dev.cresset.ir.schema.SchemaMatcher;
import dev.cresset.ir.schema.SchemaMatcher.Binding;
import dev.cresset.ir.schema.SchemaMatcher.Match;
import dev.cresset.ir.schema.SchemaMatcher.Mismatch;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Emits calls of operators: picks the overload, converts the arguments, fills in the defaults. */
final class Operators {
    private static final int REASONS_SHOWN = 12;

    /** A value as an argument. */
    record Arg(Value value, boolean isEmptyList) implements SchemaMatcher.Actual {
        @Override public Type type() { return value.type(); }
    }

    /** A call as written. */
    record Call(String name, Value self, List<Value> positional, Map<String, Value> named, SourceRange range) {}

    private final FunctionCompiler f;

    Operators(FunctionCompiler f) { this.f = f; }

    /** Emits a call with positional arguments only and gives its one result. */
    Value call(String name, SourceRange range, Value... args) {
        return f.terms.value(call(new Call(name, null, List.of(args), Map.of(), range)), range);
    }

    Term call(Call call) {
        Arg self = call.self == null ? null : arg(call.self);
        List<Arg> positional = call.positional.stream().map(this::arg).toList();
        Map<String, Arg> named = new LinkedHashMap<>();
        call.named.forEach((k, v) -> named.put(k, arg(v)));
        Optional<Term> upgraded = f.unit.upgrader(call.name).flatMap(u ->
            f.calls.tryCallAny(u, self, positional, named, call.range));
        if (upgraded.isPresent()) return upgraded.get();
        List<? extends OperatorInfo> candidates = candidates(call.name);
        if (candidates.size() != 1) {
            Optional<Term> exact = best(candidates, self, positional, named, false, call.range);
            if (exact.isPresent()) return exact.get();
            Optional<Term> rewritten = NumberFirst.rewrite(this, call);
            if (rewritten.isPresent()) return rewritten.get();
            Optional<Term> builtin = f.unit.builtin(call.name).flatMap(b ->
                f.calls.tryCallAny(b, self, positional, named, call.range));
            if (builtin.isPresent()) return builtin.get();
        }
        return best(candidates, self, positional, named, true, call.range)
            .orElseGet(() -> unresolved(call, candidates, self, positional, named));
    }

    private List<? extends OperatorInfo> candidates(String name) {
        List<? extends OperatorInfo> all = f.unit.operators().overloads(name);
        if (!name.equals("aten::view")) return all;
        // a dtype is an int, and so is a size
        return all.stream().filter(o -> !o.schema().overload().equals("dtype")).toList();
    }

    private Arg arg(Value v) { return new Arg(v, f.emitter.isEmptyList(v)); }

    /** The first overload that matches; among those without conversions the one that generalises least. */
    private Optional<Term> best(List<? extends OperatorInfo> candidates, Arg self, List<Arg> positional, Map<String,
            Arg> named,
            boolean conversions, SourceRange range) {
        OperatorInfo chosen = null;
        Match match = null;
        boolean guess = candidates.size() > 1 && hasUnknown(self, positional, named);
        boolean ambiguous = false;
        for (OperatorInfo o : candidates) {
            if (!(SchemaMatcher.match(o.schema(), self, positional, named, conversions) instanceof Match m)) continue;
            ambiguous |= guess && match != null && !m.returns().equals(match.returns());
            if (match == null || m.looseness() < match.looseness()) {
                chosen = o;
                match = m;
            }
            if (!guess && (conversions || match.looseness() == 0)) break;
        }
        return chosen == null ? Optional.empty() : Optional.of(emit(chosen, match, ambiguous, range));
    }

    private static boolean hasUnknown(Arg self, List<Arg> positional, Map<String, Arg> named) {
        return self != null && self.type() == SimpleType.UNKNOWN
            || positional.stream().anyMatch(a -> a.type() == SimpleType.UNKNOWN)
            || named.values().stream().anyMatch(a -> a.type() == SimpleType.UNKNOWN);
    }

    /**
     * @param ambiguous if an argument's type is not known and the overload is one of several: then neither are the
     * results'
     */
    private Term emit(OperatorInfo operator, Match match, boolean ambiguous, SourceRange range) {
        List<Value> inputs = inputs(match, range);
        List<Value> outputs = match.returns().stream().map(t -> new Value(ambiguous ? SimpleType.UNKNOWN : t)).toList();
        f.emitter.add(Node.call(operator, inputs, outputs, f.emitter.location(range)));
        if (outputs.size() == 1) return new Term.Val(outputs.getFirst());
        if (outputs.isEmpty()) return new Term.Val(f.emitter.none(range));
        return new Term.Outputs(outputs, operator.schema().returns().stream().map(Argument::name).toList());
    }

    /** The arguments in the order of the schema, converted, with defaults filled in. */
    List<Value> inputs(Match match, SourceRange range) {
        List<Value> inputs = new ArrayList<>(match.bindings().size());
        for (Binding b : match.bindings()) {
            inputs.add(switch (b) {
                case Binding.Given(SchemaMatcher.Actual a, Conversion c) -> apply(c, ((Arg) a).value(), range);
                case Binding.Default(Argument formal) ->
                    f.emitter.literal(formal.defaultValue(), formal.type(), formal.fixedLength(), range);
                case Binding.Collected(List<Binding.Given> items, var type) -> f.emitter.list(items.stream()
                    .map(g -> apply(g.conversion(), ((Arg) g.actual()).value(), range)).toList(), type.element(),
                    range);
            });
        }
        match.rest().forEach(a -> inputs.add(((Arg) a).value()));
        return inputs;
    }

    /** Emits a conversion. */
    Value apply(Conversion conversion, Value v, SourceRange range) {
        return switch (conversion) {
            case Conversion.Keep _ -> v;
            case Conversion.EmptyList(var type) -> f.emitter.list(List.of(), type.element(), range);
            case Conversion.Repeat(int n, var type) ->
                f.emitter.list(java.util.Collections.nCopies(n, v), type.element(), range);
            case Conversion.Recast(Type type) -> f.emitter.prim(Kinds.UNCHECKED_CAST, List.of(v), type, range);
            case Conversion.TupleToList(var items, var type) ->
                f.emitter.list(elements(items, v, range), type.element(), range);
            case Conversion.TupleToTuple(var items, var type) ->
                f.emitter.prim(Kinds.TUPLE_CONSTRUCT, elements(items, v, range), type, range);
            case Conversion.Call(String name, Type type) -> implicitCall(name, v, type, range);
        };
    }

    private Value implicitCall(String name, Value v, Type type, SourceRange range) {
        if (name.equals("aten::device") && f.emitter.known(v) instanceof Emitter.Known(String text)) {
            return device(text, range);
        }
        return call(name, range, v);
    }

    Value device(String text, SourceRange range) {
        try {
            return f.emitter.constant(Device.parse(text), SimpleType.DEVICE, range);
        } catch (IllegalArgumentException e) {
            throw FunctionCompiler.error(e.getMessage(), range);
        }
    }

    private List<Value> elements(List<Conversion> conversions, Value tuple, SourceRange range) {
        List<Value> parts = f.emitter.unpack(Kinds.TUPLE_UNPACK, tuple, ((TupleType) tuple.type()).elements(), range);
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) out.add(apply(conversions.get(i), parts.get(i), range));
        return out;
    }

    /** The rest of the program still compiles; this node fails when it is reached, and says why. */
    private Term unresolved(Call call, List<? extends OperatorInfo> candidates, Arg self, List<Arg> positional,
            Map<String, Arg> named) {
        List<Value> inputs = new ArrayList<>();
        if (call.self != null) inputs.add(call.self);
        inputs.addAll(call.positional);
        inputs.addAll(call.named.values());
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("name", call.name);
        attributes.put("reason", reason(call, candidates, self, positional, named));
        return new Term.Val(f.emitter.prim(Kinds.UNRESOLVED, attributes, inputs, SimpleType.UNKNOWN, call.range));
    }

    private static String reason(Call call, List<? extends OperatorInfo> candidates, Arg self, List<Arg> positional,
            Map<String, Arg> named) {
        if (candidates.isEmpty()) return "Unknown builtin op: " + call.name;
        StringBuilder out = new StringBuilder("Arguments for call are not valid.\n"
            + "The following variants are available:");
        for (OperatorInfo o : candidates.subList(0, Math.min(REASONS_SHOWN, candidates.size()))) {
            out.append("\n  ").append(o.schema());
            if (SchemaMatcher.match(o.schema(), self, positional, named, true) instanceof Mismatch m) {
                out.append("\n    ").append(m.reason().get());
            }
        }
        return candidates.size() > REASONS_SHOWN ? out.append("\n  and ").append(candidates.size() - REASONS_SHOWN)
            .append(" more").toString() : out.toString();
    }

    FunctionCompiler compiler() { return f; }
}
