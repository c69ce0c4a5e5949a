package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.kernels.value.Text;
import java.util.List;
import java.util.Map;

/** Dicts, of every key type. */
final class DictOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        Overloads o = new Overloads(ops);
        readers(o);
        writers(o);
        makers(ops, o);
    }

    private static void readers(Overloads o) {
        o.keyed("aten::len.Dict_K(Dict(K, t) self) -> int", a -> (long) a.dict(0).size());
        o.keyed("aten::__getitem__.Dict_K(Dict(K, t) self, K key) -> t(*)", a -> present(a).get(a.get(1)));
        o.keyed("aten::__contains__.K(Dict(K, t) dict, K key) -> bool", a -> a.dict(0).containsKey(a.get(1)));
        for (String k : Overloads.KEYS) {
            o.each("aten::get", a -> a.dict(0).get(a.get(1)), ".%s(Dict(%s, t) self, %s key) -> t(*)?".replace("%s", k));
            o.each("aten::get", DictOps::getOr, ".default_%s(Dict(%s, t) self, %s key, t default_value) -> t(*)".replace("%s", k));
        }
        o.keyed("aten::keys.K(Dict(K, t) self) -> K[](*)", a -> new ScriptList(a.dict(0).keyType(), a.dict(0).keySet()));
        o.keyed("aten::values.K(Dict(K, t) self) -> t[](*)", a -> new ScriptList(a.dict(0).valueType(), a.dict(0).values()));
        o.keyed("aten::items.K(Dict(K, t) self) -> ((K, t)[])", a -> items(a.dict(0)));
    }

    private static Object getOr(Args a) { return a.dict(0).containsKey(a.get(1)) ? a.dict(0).get(a.get(1)) : a.get(2); }

    private static ScriptDict present(Args a) {
        if (!a.dict(0).containsKey(a.get(1))) throw new ScriptError("KeyError: " + Text.of(a.get(1)));
        return a.dict(0);
    }

    private static ScriptList items(ScriptDict d) {
        ScriptList out = new ScriptList(TupleType.of(List.of(d.keyType(), d.valueType())));
        d.forEach((k, v) -> out.add(new ScriptTuple(k, v)));
        return out;
    }

    private static void writers(Overloads o) {
        o.keyed("aten::_set_item.K(Dict(K, t)(a!) l, K(b -> *) idx, t(c -> *) v) -> ()", a -> {
            a.dict(0).put(a.get(1), a.get(2));
            return null;
        });
        o.keyed("aten::Delete.Dict_K(Dict(K, t)(a!) self, K key) -> ()", a -> {
            present(a).remove(a.get(1));
            return null;
        });
        o.keyed("aten::clear.K(Dict(K, t)(a!) self) -> ()", a -> {
            a.dict(0).clear();
            return null;
        });
        o.keyed("aten::setdefault.K(Dict(K, t)(a!) self, K(b -> *) key, t(c -> *) default_value) -> t(*)", a -> {
            if (!a.dict(0).containsKey(a.get(1))) a.dict(0).put(a.get(1), a.get(2));
            return a.dict(0).get(a.get(1));
        });
        for (String k : Overloads.KEYS) {
            o.each("aten::pop", a -> present(a).remove(a.get(1)), ".Dict_%s(Dict(%s, t)(a!) self, %s key) -> t(*)".replace("%s", k));
            o.each("aten::pop", a -> a.dict(0).containsKey(a.get(1)) ? a.dict(0).remove(a.get(1)) : a.get(2),
                ".Dict_default_%s(Dict(%s, t)(a!) self, %s key, t default_value) -> t(*)".replace("%s", k));
        }
        o.keyed("aten::popitem.K(Dict(K, t)(a!) self) -> ((K, t))", a -> popItem(a.dict(0)));
        o.keyed("aten::update.K(Dict(K, t)(a!) self, Dict(K, t)(a!) to_add) -> ()", a -> {
            if (a.dict(0) != a.dict(1)) a.dict(0).putAll(a.dict(1));
            return null;
        });
    }

    /** Takes the first item; Python would take the last. */
    private static Object popItem(ScriptDict d) {
        if (d.isEmpty()) throw new ScriptError("popitem(): dictionary is empty");
        Map.Entry<Object, Object> first = d.entrySet().iterator().next();
        ScriptTuple item = new ScriptTuple(first.getKey(), first.getValue());
        d.remove(first.getKey());
        return item;
    }

    private static void makers(Catalog ops, Overloads o) {
        o.keyed("aten::copy.Dict_K(Dict(K, t)(a) self) -> Dict(K, t)", a -> copy(a.dict(0)));
        ops.op("aten::dict() -> Dict(str, Tensor)").host(_ -> new ScriptDict(SimpleType.STR, TensorType.ANY));
        for (String k : Overloads.KEYS) {
            o.each("aten::dict", a -> fromPairs(a.list(0)), ".%s((%s, tVal)[] inputs) -> Dict(%s, tVal)".replace("%s", k));
            o.each("aten::dict", a -> copy(a.dict(0)), ".Dict_%s(Dict(%s, t)(a) self) -> Dict(%s, t)".replace("%s", k));
        }
    }

    private static ScriptDict copy(ScriptDict d) {
        ScriptDict out = new ScriptDict(d.keyType(), d.valueType());
        out.putAll(d);
        return out;
    }

    private static ScriptDict fromPairs(ScriptList pairs) {
        List<Type> types = pairs.elementType() instanceof TupleType t ? t.elements() : List.of(SimpleType.ANY, SimpleType.ANY);
        ScriptDict out = new ScriptDict(types.get(0), types.get(1));
        for (Object pair : pairs) out.put(((ScriptTuple) pair).get(0), ((ScriptTuple) pair).get(1));
        return out;
    }
}
