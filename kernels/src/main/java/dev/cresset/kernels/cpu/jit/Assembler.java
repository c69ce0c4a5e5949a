package dev.cresset.kernels.cpu.jit;


import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/** Writes bytecode in terms of local variables: whatever is computed goes to one. */
final class Assembler {
    final CodeBuilder code;
    /** Slots of variables that are not needed any more; of two words, and of one. */
    private final Deque<Integer> free = new ArrayDeque<>(), freePairs = new ArrayDeque<>();
    private List<Local> made = new ArrayList<>();

    Assembler(CodeBuilder code) { this.code = code; }

    /** A new variable for the value on the stack. */
    Local store(Local.Type type) {
        Deque<Integer> known = type.kind().slotSize() == 2 ? freePairs : free;
        Local l = new Local(known.isEmpty() ? code.allocateLocal(type.kind()) : known.pop(), type);
        made.add(l);
        assign(l);
        return l;
    }

    /** Evaluates something; of the variables that it makes only the result's, if it is one of them, is not free afterwards. */
    Local temporary(Supplier<Local> evaluation) {
        List<Local> outer = made;
        made = new ArrayList<>();
        Local result = evaluation.get();
        for (Local l : made) if (!l.equals(result)) free(l);
        if (made.contains(result)) outer.add(result);
        made = outer;
        return result;
    }

    void free(Local l) { (l.type().kind().slotSize() == 2 ? freePairs : free).push(l.slot()); }

    /** Moves the value on the stack to a variable. */
    void assign(Local l) { code.storeLocal(l.type().kind(), l.slot()); }

    Assembler load(Local... locals) {
        for (Local l : locals) code.loadLocal(l.type().kind(), l.slot());
        return this;
    }

    Local constant(int v) {
        code.loadConstant(v);
        return store(Local.Type.INT);
    }

    Assembler constantField(Class<?> owner, String name, Class<?> type) {
        code.getstatic(owner.describeConstable().orElseThrow(), name, type.describeConstable().orElseThrow());
        return this;
    }

    Assembler field(ClassDesc owner, String name, ClassDesc type) {
        code.getstatic(owner, name, type);
        return this;
    }

    /** Calls a static method on what is on the stack. */
    Assembler callStatic(ClassDesc owner, String name, ClassDesc result, ClassDesc... parameters) {
        code.invokestatic(owner, name, MethodTypeDesc.of(result, parameters));
        return this;
    }

    /** Calls a method of a class on what is on the stack. */
    Assembler call(ClassDesc owner, String name, ClassDesc result, ClassDesc... parameters) {
        code.invokevirtual(owner, name, MethodTypeDesc.of(result, parameters));
        return this;
    }

    Assembler callInterface(ClassDesc owner, String name, ClassDesc result, ClassDesc... parameters) {
        code.invokeinterface(owner, name, MethodTypeDesc.of(result, parameters));
        return this;
    }

    /** Puts the address of element {@code index} of elements of a power-of-two size on the stack. */
    Assembler address(Local base, Local index, int elementSize, int further) {
        load(base, index);
        code.i2l();
        int shift = Integer.numberOfTrailingZeros(elementSize);
        if (shift > 0) code.loadConstant(shift).lshl();
        code.ladd();
        if (further != 0) code.loadConstant((long) further * elementSize).ladd();
        return this;
    }

    /** {@code for (; index < end; index += step) body}. */
    void loop(Local index, Local end, int step, Runnable body) {
        Label top = code.newLabel(), out = code.newLabel();
        code.labelBinding(top);
        load(index, end);
        code.if_icmpge(out);
        body.run();
        code.iinc(index.slot(), step).goto_(top).labelBinding(out);
    }

    /** {@code if (a < b) body}. */
    void ifLess(Local a, Local b, Runnable body) {
        Label out = code.newLabel();
        load(a, b);
        code.if_icmpge(out);
        body.run();
        code.labelBinding(out);
    }

    /** The greatest end up to {@code to} that is a multiple of {@code step}, a power of two, from {@code from}. */
    Local wholeSteps(Local from, Local to, int step) {
        load(from, to, from);
        code.isub().loadConstant(-step).iand().iadd();
        return store(Local.Type.INT);
    }

}
