package dev.cresset.cli.output;

import java.util.ArrayList;
import java.util.List;

/** A table as text: a head, a line for each row, columns as wide as they need to be, numbers to the right. */
public final class Table {
    private final List<String> head;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... head) { this.head = List.of(head); }

    /** @throws IllegalArgumentException unless it has a cell for each column */
    public void add(List<String> row) {
        if (row.size() != head.size()) throw new IllegalArgumentException(row.size() + " cells for " + head.size() + " columns");
        rows.add(List.copyOf(row));
    }

    public String text() {
        StringBuilder out = new StringBuilder();
        line(out, head);
        rows.forEach(r -> line(out, r));
        return out.toString();
    }

    private void line(StringBuilder out, List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int c = 0; c < cells.size(); c++) {
            String gap = " ".repeat(width(c) - cells.get(c).length());
            line.append(c == 0 ? "" : "  ").append(isNumbers(c) ? gap + cells.get(c) : cells.get(c) + gap);
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private int width(int column) {
        return Math.max(head.get(column).length(), rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0));
    }

    private boolean isNumbers(int column) {
        return !rows.isEmpty() && rows.stream().allMatch(r -> r.get(column).matches("-?[0-9][0-9,.]*( %)?|-"));
    }
}
