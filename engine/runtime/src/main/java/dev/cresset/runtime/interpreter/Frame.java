package dev.cresset.runtime.interpreter;

import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The registers of one running function. Tensors in registers are counted; see Note [Who owns a storage] in Storage. */
final class Frame {
    final Call call;
    final Code code;
    final Object[] registers;
    private List<ScriptObject> entered;

    Frame(Call call, Code code) {
        this.call = call;
        this.code = code;
        this.registers = code.freshRegisters();
    }

    Object get(int register) { return registers[register]; }

    /** Puts a value into a register; what was there before is no longer held. */
    void set(int register, Object value) {
        Object before = registers[register];
        if (value instanceof Tensor t) {
            Storage s = t.storage();
            if (s.isScoped()) s.hold();
        }
        registers[register] = value;
        if (before instanceof Tensor t) unhold(t);
    }

    /** Empties registers whose values are not needed any more. */
    void kill(int[] dead) {
        for (int register : dead) {
            Object before = registers[register];
            if (before == null) continue;
            registers[register] = null;
            if (before instanceof Tensor t) unhold(t);
        }
    }

    private static void unhold(Tensor t) {
        Storage s = t.storage();
        if (s.isScoped()) s.unhold();
    }

    /** Notes a context manager whose {@code __exit__} must run, also if the body raises. */
    void enter(ScriptObject manager) {
        if (entered == null) entered = new ArrayList<>();
        entered.add(manager);
    }

    /** The innermost context manager entered, which is no longer active; null if there is none. */
    ScriptObject leave() { return entered == null || entered.isEmpty() ? null : entered.removeLast(); }
}
