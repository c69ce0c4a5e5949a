package dev.cresset.ir.passes;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Writes random programs over ints, bools and lists that share and change, as graph text. */
final class RandomPrograms {
    private final Random random;
    private final StringBuilder out = new StringBuilder();
    private final List<String> ints = new ArrayList<>();
    private final List<String> bools = new ArrayList<>();
    private final List<String> lists = new ArrayList<>();
    private int next;

    RandomPrograms(long seed) { random = new Random(seed); }

    /** A graph of two ints, a bool and a list that returns some ints and lists. */
    String program(int size) {
        out.append("graph(%i : int, %j : int, %b : bool, %l : int[]):\n");
        ints.addAll(List.of("%i", "%j"));
        bools.add("%b");
        lists.add("%l");
        for (String value : List.of("0", "1", "2", "1")) ints.add(define("int", "prim::Constant[value=" + value
            + "]()", "  "));
        bools.add(define("bool", "prim::Constant[value=1]()", "  "));
        statements(size, "  ", 0);
        out.append("  return (").append(String.join(", ", List.of(pick(ints), pick(ints), pick(lists), pick(lists),
            pick(bools)))).append(")\n");
        return out.toString();
    }

    private String define(String type, String rest, String indent) {
        String name = "%" + next++;
        out.append(indent).append(name).append(" : ").append(type).append(" = ").append(rest).append('\n');
        return name;
    }

    private String pick(List<String> from) { return from.get(random.nextInt(from.size())); }

    private void statements(int count, String indent, int depth) {
        for (int k = 0; k < count; k++) statement(indent, depth);
    }

    private void statement(String indent, int depth) {
        switch (random.nextInt(depth < 3 ? 14 : 11)) {
            case 0, 1 -> ints.add(define("int", "aten::" + List.of("add", "sub", "mul").get(random.nextInt(3))
                + "(" + pick(ints) + ", " + pick(ints) + ")", indent));
            case 2 -> bools.add(define("bool", "aten::lt(" + pick(ints) + ", " + pick(ints) + ")", indent));
            case 3 -> bools.add(define("bool", "aten::__not__(" + pick(bools) + ")", indent));
            case 4 -> lists.add(define("int[]", "prim::ListConstruct(" + pick(ints) + ", " + pick(ints) + ")", indent));
            case 5 -> lists.add(define("int[]", "aten::append(" + pick(lists) + ", " + pick(ints) + ")", indent));
            case 6 -> ints.add(define("int", "aten::len(" + pick(lists) + ")", indent));
            case 7 -> ints.add(define("int", "aten::__getitem__(" + pick(lists) + ", " + ints.get(2) + ")", indent));
            case 8 -> define("int[]", "aten::_set_item(" + pick(lists) + ", " + ints.get(2) + ", " + pick(ints)
                + ")", indent);
            case 9 -> tuple(indent);
            case 10 -> out.append(indent).append(" = prim::Print(").append(pick(random.nextBoolean() ? ints
                : lists)).append(")\n");
            case 11, 12 -> branch(indent, depth);
            default -> loop(indent, depth);
        }
    }

    private void tuple(String indent) {
        String t = define("(int, int[])", "prim::TupleConstruct(" + pick(ints) + ", " + pick(lists) + ")", indent);
        String a = "%" + next++;
        String b = "%" + next++;
        out.append(indent).append(a).append(" : int, ").append(b).append(" : int[] = prim::TupleUnpack(").append(t).append(")\n");
        ints.add(a);
        lists.add(b);
    }

    private void branch(String indent, int depth) {
        String a = "%" + next++;
        String b = "%" + next++;
        out.append(indent).append(a).append(" : int, ").append(b).append(" : int[] = prim::If(").append(pick(bools)).append(")\n");
        for (int k = 0; k < 2; k++) {
            out.append(indent).append("  block").append(k).append("():\n");
            inner(indent + "    ", depth, "");
        }
        ints.add(a);
        lists.add(b);
    }

    private void loop(String indent, int depth) {
        String a = "%" + next++;
        String b = "%" + next++;
        String i = "%" + next++;
        String p = "%" + next++;
        String q = "%" + next++;
        String go = bools.get(1); // the constant True
        out.append(indent).append(a).append(" : int, ").append(b).append(" : int[] = prim::Loop(").append(ints.get(2 + random.nextInt(3)))
            .append(", ").append(random.nextBoolean() ? go
                : pick(bools)).append(", ").append(pick(ints)).append(", ").append(pick(lists)).append(")\n");
        out.append(indent).append("  block0(").append(i).append(" : int, ").append(p).append(" : int, ").append(q).append(" : int[]):\n");
        int[] before = {ints.size(), lists.size()};
        ints.addAll(List.of(i, p));
        lists.add(q);
        inner(indent + "    ", depth, go + ", ");
        forget(ints, before[0]);
        forget(lists, before[1]);
        ints.add(a);
        lists.add(b);
    }

    /** The inside of a block, whose values are forgotten after it. */
    private void inner(String indent, int depth, String firstReturn) {
        int[] before = {ints.size(), bools.size(), lists.size()};
        statements(random.nextInt(4), indent, depth + 1);
        out.append(indent).append("-> (").append(firstReturn).append(pick(ints)).append(", ").append(pick(lists)).append(")\n");
        forget(ints, before[0]);
        forget(bools, before[1]);
        forget(lists, before[2]);
    }

    private static void forget(List<String> names, int size) { names.subList(size, names.size()).clear(); }
}
