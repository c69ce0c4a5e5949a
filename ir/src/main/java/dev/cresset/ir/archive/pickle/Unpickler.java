package dev.cresset.ir.archive.pickle;

import dev.cresset.ir.diag.ArchiveException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads the pickles of TorchScript archives: a stack machine that knows only the opcodes and names that TorchScript
 * uses, so that no input makes it run code, and that accounts for the memory it takes.
 *
 * <p>Values come out as {@link Long}, {@link Double}, {@link Boolean}, {@link String}, {@code null} for None,
 * {@link dev.cresset.ir.type.Complex}, {@link dev.cresset.ir.type.Device}, {@link dev.cresset.ir.type.ScalarType},
 * {@link QScheme}, {@link StoredTensor}, and {@link PickleNode}s, which see for how to walk them. Strings that are not
 * UTF-8 come out with replacement characters.
 */
public final class Unpickler {
    /** No value that comes out is nested more deeply. */
    public static final int MAX_DEPTH = 1000;
    private static final long FREE_MEMORY = 64L << 20;
    private static final long MEMORY_PER_BYTE = 48;
    private static final int MAX_NAME = 4096;

    private final String entry;
    private final byte[] in;
    private final Reductions reductions;
    private final long budget;
    private int pos;
    private int opcodeAt;
    private long used;
    private final ArrayList<Object> stack = new ArrayList<>();
    private int[] marks = new int[16];
    private int markCount;
    private Object[] memo = new Object[64];
    private boolean[] memoSet = new boolean[64];

    private Unpickler(String entry, byte[] in, Storages storages, List<?> tensorTable) {
        this.entry = entry;
        this.in = in;
        this.reductions = new Reductions(storages, tensorTable);
        this.budget = Math.min(FREE_MEMORY + MEMORY_PER_BYTE * in.length, Runtime.getRuntime().maxMemory() / 2);
    }

    /** Reads the one value of a pickle. @param entry how errors name the pickle */
    public static Object read(String entry, byte[] pickle, Storages storages) {
        return read(entry, pickle, storages, List.of());
    }

    /** As above, with the table that tensors given by number come from. */
    public static Object read(String entry, byte[] pickle, Storages storages, List<?> tensorTable) {
        Unpickler unpickler = new Unpickler(entry, pickle, storages, tensorTable);
        try {
            return unpickler.run();
        } catch (IllegalArgumentException e) {
            throw new ArchiveException(entry, unpickler.opcodeAt, e.getMessage(), e);
        }
    }

    private Object run() {
        if (in.length < 2 || in[0] != (byte) 0x80) throw fail("this is not a pickle: it does not begin with byte 0x80");
        if (in[1] != 2) {
            throw fail("this is a pickle of protocol " + (in[1] & 0xff) + "; TorchScript uses protocol 2 only");
        }
        pos = 2;
        while (true) {
            opcodeAt = pos;
            int opcode = u8();
            if (opcode == '.') return result();
            step(opcode);
        }
    }

    private Object result() {
        if (stack.size() != 1 || markCount != 0) {
            throw fail("the pickle ends with " + stack.size() + " values instead of one");
        }
        Optional<String> problem = DepthCheck.problem(stack.getFirst(), MAX_DEPTH);
        if (problem.isPresent()) throw fail(problem.get());
        return stack.getFirst();
    }

    private void step(int opcode) {
        switch (opcode) {
            case 'N' -> push(null);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'K' -> push((long) u8());
            case 'M' -> push((long) (u8() | u8() << 8));
            case 'J' -> push((long) i32());
            case 0x8a -> push(long1());
            case 'G' -> push(binfloat());
            case 'X' -> push(string());
            case 'c' -> push(global());
            case '(' -> mark();
            case 't' -> tuple(popToMark());
            case ')' -> tuple(new Object[0]);
            case 0x85 -> tuple(pop(1));
            case 0x86 -> tuple(pop(2));
            case 0x87 -> tuple(pop(3));
            case ']' -> emptyList();
            case 'l' -> { Object[] items = popToMark(); emptyList(); append(items); }
            case 'a' -> append(pop(1));
            case 'e' -> append(popToMark());
            case '}' -> emptyDict();
            case 'd' -> { Object[] items = popToMark(); emptyDict(); setItems(items); }
            case 's' -> setItems(pop(2));
            case 'u' -> setItems(popToMark());
            case 'q' -> memoize(u8());
            case 'r' -> memoize(i32());
            case 'h' -> recall(u8());
            case 'j' -> recall(i32());
            case 0x81 -> newObject();
            case 'b' -> build();
            case 'R' -> reduce();
            case 'Q' -> persistentId();
            default -> throw fail(String.format("opcode 0x%02x is not one that TorchScript's pickles use; "
                    + "the file is damaged or not made by torch.jit.save", opcode));
        }
    }

    // --- values

    private Long long1() {
        int n = u8();
        if (n > 8) throw fail("an integer of " + n + " bytes; TorchScript's integers have 8 at most");
        need(n);
        long v = n == 0 || in[pos + n - 1] >= 0 ? 0 : -1;
        for (int i = n - 1; i >= 0; i--) v = v << 8 | in[pos + i] & 0xff;
        pos += n;
        return v;
    }

    private Double binfloat() {
        long bits = 0;
        for (int i = 0; i < 8; i++) bits = bits << 8 | u8();
        return Double.longBitsToDouble(bits);
    }

    private String string() {
        int n = i32();
        if (n < 0) throw fail("a string of " + Integer.toUnsignedString(n) + " bytes, more than the whole pickle");
        need(n);
        charge(2L * n + 40);
        String s = new String(in, pos, n, StandardCharsets.UTF_8);
        pos += n;
        return s;
    }

    private Object global() {
        String module = line();
        String name = line();
        charge(240 + 4L * (module.length() + name.length()));
        String both = printable(module + "." + name);
        return Global.named(module, name).orElseThrow(() -> fail("the pickle refers to " + both
                + ", which TorchScript archives never need; nothing was executed. Either this is a Python pickle "
                + "(export the model with torch.jit.save), or someone has tampered with the file"));
    }

    private String line() {
        int end = pos;
        while (end < in.length && in[end] != '\n' && end - pos < MAX_NAME) end++;
        if (end == in.length || in[end] != '\n') throw fail("a name that does not end within " + MAX_NAME + " bytes");
        String s = new String(in, pos, end - pos, StandardCharsets.UTF_8);
        pos = end + 1;
        return s;
    }

    private static String printable(String s) {
        String clean = s.replaceAll("\\p{Cntrl}", "?");
        return "'" + (clean.length() <= 200 ? clean : clean.substring(0, 200) + "…") + "'";
    }

    // --- containers

    private void tuple(Object[] items) {
        charge(48 + 8L * items.length);
        push(new PickleTuple(items));
    }

    private void emptyList() {
        charge(96);
        push(new PickleList());
    }

    private void emptyDict() {
        charge(96);
        push(new PickleDict());
    }

    private void append(Object[] items) {
        if (!(top() instanceof PickleList list)) {
            throw fail("items are appended to " + describe(top()) + " instead of a list");
        }
        charge(12L * items.length);
        for (Object item : items) list.add(item);
    }

    private void setItems(Object[] items) {
        if (!(top() instanceof PickleDict dict)) {
            throw fail("items are put into " + describe(top()) + " instead of a dictionary");
        }
        if (items.length % 2 != 0) throw fail("a dictionary gets a key without a value");
        charge(12L * items.length);
        for (int i = 0; i < items.length; i += 2) dict.put(items[i], items[i + 1]);
    }

    // --- objects

    private void newObject() {
        Object[] classAndArguments = pop(2);
        if (!(classAndArguments[1] instanceof PickleTuple)) {
            throw fail("an object is made without a tuple of arguments");
        }
        switch (classAndArguments[0]) {
            case Global.ScriptClass c -> push(new PickleObject(c.name()));
            // The oldest files write calls as objects with a state.
            case Global.Function f -> push(f);
            case null, default -> throw fail("an object is made of " + describe(classAndArguments[0])
                    + " instead of a class");
        }
        charge(64);
    }

    private void build() {
        Object state = pop(1)[0];
        Object target = pop(1)[0];
        switch (target) {
            case PickleObject object -> {
                if (!object.build(state)) {
                    throw fail("an object of " + printable(object.className()) + " gets its state twice");
                }
                push(object);
            }
            case Global.Function f -> push(reductions.call(f, new PickleTuple(state)));
            case null, default -> throw fail("a state is given to " + describe(target) + " instead of an object");
        }
        charge(64);
    }

    private void reduce() {
        Object[] functionAndArguments = pop(2);
        Object arguments = functionAndArguments[1];
        charge(160);
        switch (functionAndArguments[0]) {
            case Global.ScriptClass c -> push(new PickleEnum(c.name(),
                    arguments instanceof PickleTuple t && t.size() == 1 ? t.get(0) : arguments));
            case Global.Function f when arguments instanceof PickleTuple t -> push(reductions.call(f, t));
            case null, default -> throw fail("a call of " + describe(functionAndArguments[0]) + " with "
                    + describe(arguments));
        }
    }

    private void persistentId() {
        charge(160);
        push(reductions.storage(pop(1)[0]));
    }

    static String describe(Object value) {
        return switch (value) {
            case null -> "None";
            case String s -> "a string";
            case Long n -> "an integer";
            case Double d -> "a float";
            case Boolean b -> "a bool";
            case PickleTuple t -> "a tuple of " + t.size();
            case PickleList l -> "a list";
            case PickleDict d -> "a dictionary";
            case PickleObject o -> "an object";
            case StoredTensor t -> "a tensor";
            case Global.Function f -> "the function " + f.name().toLowerCase(java.util.Locale.ROOT);
            default -> "a " + value.getClass().getSimpleName();
        };
    }

    // --- the machine

    private void push(Object value) {
        charge(32);
        stack.add(value);
    }

    private Object top() {
        if (stack.size() == fence()) throw fail("a value is expected on the stack, but there is none");
        return stack.getLast();
    }

    private Object[] pop(int n) {
        int from = stack.size() - n;
        if (from < fence()) {
            throw fail(n + " values are expected on the stack, but there are " + (stack.size() - fence()));
        }
        Object[] values = new Object[n];
        for (int i = n - 1; i >= 0; i--) values[i] = stack.removeLast();
        return values;
    }

    private Object[] popToMark() {
        if (markCount == 0) throw fail("the end of a sequence without its beginning");
        int n = stack.size() - fence();
        Object[] values = pop(n);
        markCount--;
        return values;
    }

    private int fence() { return markCount == 0 ? 0 : marks[markCount - 1]; }

    private void mark() {
        charge(8);
        if (markCount == marks.length) marks = Arrays.copyOf(marks, markCount * 2);
        marks[markCount++] = stack.size();
    }

    private void memoize(int id) {
        Object value = top();
        // Ids count up from 0, so none can be larger than the number of bytes read.
        if (id < 0 || id > pos) throw fail("memo number " + Integer.toUnsignedString(id) + " is out of order");
        if (id >= memo.length) {
            int size = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(id + 1L, memo.length * 2L));
            charge(9L * (size - memo.length));
            memo = Arrays.copyOf(memo, size);
            memoSet = Arrays.copyOf(memoSet, size);
        }
        memo[id] = value;
        memoSet[id] = true;
    }

    private void recall(int id) {
        if (id < 0 || id >= memo.length || !memoSet[id]) {
            throw fail("memo number " + Integer.toUnsignedString(id) + " is used before it is set");
        }
        push(memo[id]);
    }

    private void charge(long bytes) {
        used += bytes;
        if (used > budget) {
            throw fail("the values would take more than " + (budget >> 20) + " MiB, too much for a pickle of "
                    + in.length + " bytes; a bigger heap (-Xmx) helps if the file is to be trusted");
        }
    }

    private int u8() {
        need(1);
        return in[pos++] & 0xff;
    }

    private int i32() {
        need(4);
        int v = in[pos] & 0xff | (in[pos + 1] & 0xff) << 8 | (in[pos + 2] & 0xff) << 16 | in[pos + 3] << 24;
        pos += 4;
        return v;
    }

    private void need(int n) {
        if (n > in.length - pos) throw fail("the pickle ends after " + in.length + " bytes, in the middle of a value");
    }

    private ArchiveException fail(String sentence) { return new ArchiveException(entry, opcodeAt, sentence); }
}
