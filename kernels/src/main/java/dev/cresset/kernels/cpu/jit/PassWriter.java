package dev.cresset.kernels.cpu.jit;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import dev.cresset.kernels.nest.Structure;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver.ClassHierarchyInfo;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/** Writes the class of one pass: one method with one straight-line loop, all operators inlined. */
final class PassWriter {
    /** Of a range of elements: all, those that fill vectors, or the rest that does not fill one. */
    enum Part { WHOLE, STEPS, TAIL }

    private static final ClassDesc CLASS = ClassDesc.of("dev.cresset.kernels.cpu.jit.GeneratedPass");
    private static final ClassDesc PASS = Pass.class.describeConstable().orElseThrow();
    /** Cost of a loop body up to which several copies of it, each with its accumulators, hide the latency of folding. */
    private static final int SHORT_BODY = 6, MEDIUM_BODY = 12;

    /** Variables of different classes in one slot have nothing in common but being objects; no class is looked up. */
    private static final ClassFile.ClassHierarchyResolverOption HIERARCHY = ClassFile.ClassHierarchyResolverOption.of(
        c -> c.equals(CD_Object) ? ClassHierarchyInfo.ofClass(null) : ClassHierarchyInfo.ofClass(CD_Object));

    private final Structure s;
    private final Plan plan;
    private final Plan.Pass pass;
    private final Part part;
    private final int copies;
    /** Constants that the body turned out to need; see {@link #write}. */
    private final SequencedSet<Object> constants = new LinkedHashSet<>();

    private PassWriter(Structure s, Plan plan, Plan.Pass pass, Part part) {
        this.s = s;
        this.plan = plan;
        this.pass = pass;
        this.part = part;
        int cost = pass.varying().stream().filter(i -> !pass.read().contains(i)).mapToInt(i -> Cost.of(s.node(i))).sum();
        this.copies = pass.folds().isEmpty() ? 1 : cost <= SHORT_BODY ? 4 : cost <= MEDIUM_BODY ? 2 : 1;
    }

    /** The bytes of a class that implements {@link Pass}. */
    static byte[] write(Structure s, Plan plan, Plan.Pass pass, Part part) {
        PassWriter w = new PassWriter(s, plan, pass, part);
        // The first writing finds the vectors of constants that the loop uses; the second makes them before it.
        if (pass.vectors()) w.write(ClassFile.StackMapsOption.DROP_STACK_MAPS);
        return w.write(ClassFile.StackMapsOption.GENERATE_STACK_MAPS);
    }

    private byte[] write(ClassFile.StackMapsOption option) {
        return ClassFile.of(option, HIERARCHY).build(CLASS, c -> c
            .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
            .withInterfaceSymbols(PASS)
            .withMethodBody(INIT_NAME, MTD_void, ClassFile.ACC_PUBLIC,
                b -> b.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_())
            .withMethodBody("run", MethodTypeDesc.of(CD_void, CD_long.arrayType(), CD_int, CD_int), ClassFile.ACC_PUBLIC,
                this::body));
    }

    private void body(CodeBuilder b) {
        Assembler a = new Assembler(b);
        ScalarEmitter single = new ScalarEmitter(a);
        new PassBody(s, plan, pass, part, copies, a, single, pass.vectors() ? vectorEmitter(a) : single).write();
    }

    private VectorEmitter vectorEmitter(Assembler a) {
        Map<Object, Local> known = new LinkedHashMap<>() {
            @Override public Local put(Object constant, Local local) {
                constants.add(constant);
                return super.put(constant, local);
            }
        };
        VectorEmitter v = new VectorEmitter(a, known);
        for (Object c : List.copyOf(constants)) {
            if (c instanceof Float f) v.all(f);
            else v.all((int) (Integer) c);
        }
        return v;
    }
}
