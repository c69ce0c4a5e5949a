package dev.cresset.runtime.interpreter;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Gradients;
import dev.cresset.kernels.op.Operator;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.kernels.value.Text;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes the instruction of each node kind. {@code in} and {@code out} are registers; {@code dead} are emptied at the end. */
final class Instructions {
    private Instructions() {}

    static Instruction of(Node node, int[] in, int[] out, int[] dead, Lifetimes lifetimes, Extensions extensions) {
        if (node.operator() != null) return operator(node, in, out, dead);
        boolean owner = out.length == 1 && !lifetimes.isTransient(node.output());
        return switch (node.kind()) {
            case Kinds.LIST_CONSTRUCT -> construct(in, out[0], dead, owner, listMaker(node));
            case Kinds.TUPLE_CONSTRUCT -> construct(in, out[0], dead, owner, tupleMaker(node));
            case Kinds.DICT_CONSTRUCT -> construct(in, out[0], dead, true, dictMaker(node));
            case Kinds.LIST_UNPACK, Kinds.TUPLE_UNPACK -> unpack(in[0], out, dead);
            case Kinds.TUPLE_INDEX -> tupleIndex(in, out[0], dead);
            case Kinds.TUPLE_SLICE -> tupleSlice(node, in[0], out[0], dead);
            case Kinds.GET_ATTR -> getAttribute(node, in[0], out[0], dead);
            case Kinds.SET_ATTR -> setAttribute(node, in, dead);
            case Kinds.CREATE_OBJECT -> createObject(node, out[0], dead);
            case Kinds.PROFILE -> PlanInstructions.profile(extensions.record(node), in[0], out[0], dead);
            case Kinds.TYPE_CHECK -> PlanInstructions.check(extensions.check(node), in[0], out[0], dead);
            case Kinds.STATIC_SUBGRAPH, Kinds.FUSION_GROUP, Kinds.LIBRARY_GROUP -> PlanInstructions.subgraph(node, extensions.plan(node), in, out, dead);
            case Kinds.UNCHECKED_CAST, Kinds.GUARD, "prim::data" -> cast(in[0], out[0], dead);
            case Kinds.UNINITIALIZED -> set(out[0], dead, f -> placeholder(node.output().type()));
            case Kinds.IS_INSTANCE -> isInstance(node, in[0], out[0], dead);
            case Kinds.RAISE -> raise(in);
            case Kinds.PRINT -> print(in, dead);
            case Kinds.CALL_FUNCTION -> callFunction(in, out, dead);
            case Kinds.CALL_METHOD -> callMethod(node, in, out, dead);
            case Kinds.FORK -> fork(node, in, out[0], dead);
            case Kinds.ENTER -> enter(in[0], out, dead);
            case Kinds.EXIT -> exit(in[0], dead);
            case Kinds.ENUM_NAME -> set(out[0], dead, f -> ((EnumMember) f.get(in[0])).name());
            case Kinds.ENUM_VALUE -> set(out[0], dead, f -> ((EnumMember) f.get(in[0])).value());
            case Kinds.TO_LIST -> set(out[0], dead, f -> TensorLists.toList((Tensor) f.get(in[0]), node.output().type()));
            case Kinds.CONTAINER_INDEX -> containerIndex(in, out[0], dead);
            case Kinds.UNRESOLVED -> unresolved(node);
            default -> throw new UnsupportedException("a graph node of kind " + node.kind() + " is not supported by the interpreter",
                List.of(node.kind()));
        };
    }

    private interface Computed { Object value(Frame f); }

    private static Instruction set(int out, int[] dead, Computed computed) {
        return (f, pc) -> {
            f.set(out, computed.value(f));
            f.kill(dead);
            return pc + 1;
        };
    }

    /** Copies registers as if all at once. */
    static void move(Frame f, int[] from, int[] to) {
        if (from.length == 1) {
            f.set(to[0], f.get(from[0]));
            return;
        }
        Object[] values = new Object[from.length];
        for (int i = 0; i < from.length; i++) values[i] = f.get(from[i]);
        for (int i = 0; i < from.length; i++) f.set(to[i], values[i]);
    }

    private static Object[] read(Frame f, int[] in) {
        Object[] values = new Object[in.length];
        for (int i = 0; i < in.length; i++) values[i] = f.registers[in[i]];
        return values;
    }

    // ---- operators

    private static Instruction operator(Node node, int[] in, int[] out, int[] dead) {
        Operator op = (Operator) node.operator();
        if (node.is("aten::wait")) return waitFor(in[0], out[0], dead);
        Invocation invocation = new Invocation(op, in, keptArguments(node), Gradients.passes(op));
        if (out.length == 1) {
            return (f, pc) -> {
                int mark = f.call.context().scope().mark();
                Object result = invocation.run(f);
                if (!(result instanceof Tensor) && result != null) Call.escape(result);
                f.set(out[0], result);
                f.call.context().scope().releaseUnheldSince(mark);
                f.kill(dead);
                return pc + 1;
            };
        }
        return (f, pc) -> {
            int mark = f.call.context().scope().mark();
            Object result = invocation.run(f);
            if (out.length > 0) {
                Object[] results = (Object[]) result;
                for (Object r : results) if (!(r instanceof Tensor)) Call.escape(r);
                for (int i = 0; i < out.length; i++) f.set(out[i], results[i]);
            }
            f.call.context().scope().releaseUnheldSince(mark);
            f.kill(dead);
            return pc + 1;
        };
    }

    /** An operator whose result list goes to registers, element by element. */
    static Instruction unpackedCall(Node node, int[] in, int[] out, int[] dead) {
        Operator op = (Operator) node.operator();
        Invocation invocation = new Invocation(op, in, keptArguments(node), Gradients.passes(op));
        return (f, pc) -> {
            int mark = f.call.context().scope().mark();
            spread(f, (List<?>) invocation.run(f), out);
            f.call.context().scope().releaseUnheldSince(mark);
            f.kill(dead);
            return pc + 1;
        };
    }

    /** @param kept registers' positions of arguments that live on in something else */
    private record Invocation(Operator op, int[] in, int[] kept, boolean passesGradient) {
        Object run(Frame f) {
            for (int i : kept) Call.escape(f.get(in[i]));
            Object[] values = read(f, in);
            Object result = op.run(new Args(f.call.context(), values));
            if (passesGradient && f.call.context().gradEnabled()) Gradients.mark(values, result);
            return result;
        }
    }

    /** Arguments that the operator puts into something that lives on: the element of an append. */
    private static int[] keptArguments(Node node) {
        List<Argument> formal = node.operator().schema().arguments();
        return IntStream.range(0, Math.min(formal.size(), node.inputs().size()))
            .filter(i -> formal.get(i).alias() != null && formal.get(i).alias().after().contains("*")).toArray();
    }

    private static Instruction waitFor(int future, int out, int[] dead) {
        return (f, pc) -> {
            f.set(out, ((ForkedTask) f.get(future)).await(f.call.context().scope()));
            f.kill(dead);
            return pc + 1;
        };
    }

    // ---- containers

    private interface Maker { Object make(Object[] items); }

    private static Instruction construct(int[] in, int out, int[] dead, boolean owner, Maker maker) {
        return (f, pc) -> {
            Object[] items = read(f, in);
            if (owner) for (Object item : items) Call.escape(item);
            f.set(out, maker.make(items));
            f.kill(dead);
            return pc + 1;
        };
    }

    private static Maker listMaker(Node node) {
        Type element = node.output().type() instanceof ListType l ? l.element() : dev.cresset.ir.type.SimpleType.ANY;
        return items -> new ScriptList(element, java.util.Arrays.asList(items));
    }

    private static Maker tupleMaker(Node node) {
        List<String> fields = node.output().type() instanceof TupleType t ? t.fields() : null;
        return items -> new ScriptTuple(fields, items);
    }

    private static Maker dictMaker(Node node) {
        DictType type = (DictType) node.output().type();
        return items -> {
            ScriptDict dict = new ScriptDict(type.key(), type.value());
            for (int i = 0; i < items.length; i += 2) dict.put(items[i], items[i + 1]);
            return dict;
        };
    }

    private static Instruction unpack(int in, int[] out, int[] dead) {
        return (f, pc) -> {
            spread(f, (List<?>) f.get(in), out);
            f.kill(dead);
            return pc + 1;
        };
    }

    private static void spread(Frame f, List<?> items, int[] out) {
        if (items.size() != out.length) {
            throw new ScriptError("Expected " + out.length + " elements in a list but found " + items.size());
        }
        for (int i = 0; i < out.length; i++) f.set(out[i], items.get(i));
    }

    private static Instruction tupleIndex(int[] in, int out, int[] dead) {
        return set(out, dead, f -> {
            ScriptTuple tuple = (ScriptTuple) f.get(in[0]);
            long i = (Long) f.get(in[1]);
            long at = i < 0 ? i + tuple.size() : i;
            if (at < 0 || at >= tuple.size()) throw new ScriptError("IndexError", "tuple index out of range");
            return tuple.get((int) at);
        });
    }

    private static Instruction tupleSlice(Node node, int in, int out, int[] dead) {
        int begin = ((Long) node.attribute("beg")).intValue();
        int end = ((Long) node.attribute("end")).intValue();
        return set(out, dead, f -> new ScriptTuple(((ScriptTuple) f.get(in)).subList(begin, end).toArray()));
    }

    private static Instruction containerIndex(int[] in, int out, int[] dead) {
        return set(out, dead, f -> {
            ScriptObject module = (ScriptObject) f.get(in[0]);
            Object key = f.get(in[1]);
            List<Integer> children = IntStream.range(0, module.slotCount()).filter(i -> module.get(i) instanceof ScriptObject).boxed().toList();
            if (key instanceof Long i) {
                long at = i < 0 ? i + children.size() : i;
                if (at < 0 || at >= children.size()) throw new ScriptError("IndexError", "index " + i + " is out of range");
                return module.get(children.get((int) at));
            }
            return module.get((String) key);
        });
    }

    // ---- objects

    private static Instruction getAttribute(Node node, int in, int out, int[] dead) {
        String attribute = node.text("name");
        if (node.input(0).type() instanceof ClassType c && c.slot(attribute) >= 0) {
            int slot = c.slot(attribute);
            return set(out, dead, f -> ((ScriptObject) f.get(in)).get(slot));
        }
        return set(out, dead, f -> f.get(in) instanceof ScriptTuple t ? t.get(attribute) : ((ScriptObject) f.get(in)).get(attribute));
    }

    private static Instruction setAttribute(Node node, int[] in, int[] dead) {
        String attribute = node.text("name");
        return (f, pc) -> {
            Object value = f.get(in[1]);
            Call.escape(value);
            ((ScriptObject) f.get(in[0])).set(attribute, value);
            f.kill(dead);
            return pc + 1;
        };
    }

    private static Instruction createObject(Node node, int out, int[] dead) {
        ClassType type = (ClassType) node.output().type();
        return set(out, dead, _ -> new ScriptObject(type));
    }

    private static Instruction cast(int in, int out, int[] dead) { return set(out, dead, f -> f.get(in)); }

    private static Instruction isInstance(Node node, int in, int out, int[] dead) {
        List<?> types = (List<?>) node.attribute("types");
        return set(out, dead, f -> {
            Object value = f.get(in);
            return types.stream().anyMatch(t -> RuntimeTypes.isInstance(value, (Type) t));
        });
    }

    /** What stands for a value that is never read; of the type's representation, so that branches and loops can test it. */
    private static Object placeholder(Type type) {
        return switch (type) {
            case dev.cresset.ir.type.SimpleType.INT -> 0L;
            case dev.cresset.ir.type.SimpleType.FLOAT -> 0.0;
            case dev.cresset.ir.type.SimpleType.BOOL -> false;
            default -> null;
        };
    }

    // ---- effects

    private static Instruction raise(int[] in) {
        return (f, _) -> {
            String message = Text.of(f.get(in[0]));
            Object errorClass = in.length > 1 ? f.get(in[1]) : null;
            throw new ScriptError(errorClass == null ? "RuntimeError" : (String) errorClass, message);
        };
    }

    private static Instruction print(int[] in, int[] dead) {
        return (f, pc) -> {
            f.call.context().out().println(java.util.Arrays.stream(in).mapToObj(i -> Text.of(f.get(i))).collect(Collectors.joining(" ")));
            f.kill(dead);
            return pc + 1;
        };
    }

    private static Instruction unresolved(Node node) {
        String operator = node.text("name");
        String reason = node.text("reason");
        return (_, _) -> {
            throw new UnsupportedException(operator + " cannot be run: " + reason, List.of(operator));
        };
    }

    // ---- calls

    private static Instruction callFunction(int[] in, int[] out, int[] dead) {
        int[] arguments = java.util.Arrays.copyOfRange(in, 1, in.length);
        return (f, pc) -> {
            Code callee = f.call.interpreter().code((ScriptFunction) f.get(in[0]));
            return finishCall(f, callee, read(f, arguments), out, dead, pc);
        };
    }

    private static Instruction callMethod(Node node, int[] in, int[] out, int[] dead) {
        String method = node.text("name");
        return (f, pc) -> {
            Object[] arguments = read(f, in);
            ScriptObject self = (ScriptObject) arguments[0];
            ScriptFunction function = self.type().method(method).orElseThrow(
                () -> new ScriptError("AttributeError", self.type().name() + " has no method '" + method + "'"));
            return finishCall(f, f.call.interpreter().code(function), arguments, out, dead, pc);
        };
    }

    private static int finishCall(Frame f, Code callee, Object[] arguments, int[] out, int[] dead, int pc) {
        Object[] results = f.call.interpreter().run(f.call, callee, arguments);
        if (out.length > 0) f.set(out[0], results.length == 1 ? results[0] : null);
        f.kill(dead);
        return pc + 1;
    }

    private static Instruction fork(Node node, int[] in, int out, int[] dead) {
        Graph body = node.subgraph().orElseThrow();
        return (f, pc) -> {
            Object[] captured = read(f, in);
            for (Object c : captured) Call.escape(c);
            f.set(out, f.call.interpreter().fork(f.call, body, captured));
            f.kill(dead);
            return pc + 1;
        };
    }

    private static Instruction enter(int in, int[] out, int[] dead) {
        return (f, pc) -> {
            ScriptObject manager = (ScriptObject) f.get(in);
            Object value = f.call.interpreter().callMethod(f.call, manager, "__enter__", manager);
            f.enter(manager);
            if (out.length > 0) f.set(out[0], value);
            f.kill(dead);
            return pc + 1;
        };
    }

    private static Instruction exit(int in, int[] dead) {
        return (f, pc) -> {
            f.leave();
            f.call.interpreter().exit(f.call, (ScriptObject) f.get(in));
            f.kill(dead);
            return pc + 1;
        };
    }
}
