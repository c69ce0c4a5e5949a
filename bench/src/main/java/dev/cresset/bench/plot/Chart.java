package dev.cresset.bench.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** A picture with a title, an upward axis, a legend, and whatever is drawn into it. */
final class Chart {
    static final Color INK = new Color(0x222222), FAINT = new Color(0xdddddd), MUTED = new Color(0x777777);
    private static final Color[] SERIES = {new Color(0x1f5fbf), new Color(0xe07b20), new Color(0x3a9a5c), new Color(0x8a4fb0),
        new Color(0x8c8c8c), new Color(0xc23b4e), new Color(0x2aa5a0), new Color(0xb59a1f), new Color(0x5a4632), new Color(0xd77fb8)};
    private static final int TOP = 70, LEFT = 76, RIGHT = 24, BOTTOM = 64;

    private final BufferedImage image;
    private final Graphics2D g;
    private final Axis axis;
    final int width, height;

    /** @param name of the axis */
    Chart(int width, int height, String title, String name, Axis axis) {
        this.width = width;
        this.height = height;
        this.axis = axis;
        image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, width, height);
        font(Font.BOLD, 16);
        text(title, LEFT, 26, INK);
        font(Font.PLAIN, 12);
        text(name, LEFT, 60, MUTED);
        ticks();
    }

    private void ticks() {
        for (double value : axis.ticks()) {
            line(LEFT, y(value), width - RIGHT, y(value), FAINT, 1);
            right(label(value), LEFT - 8, y(value) + 4);
        }
    }

    private static String label(double value) {
        return value >= 1 || value == 0 ? String.format(Locale.ROOT, "%,.0f", value) : Double.toString(Math.round(value * 1e6) / 1e6);
    }

    static Color color(int series) { return SERIES[series % SERIES.length]; }

    double left() { return LEFT; }

    double right() { return width - RIGHT; }

    double bottom() { return height - BOTTOM; }

    double top() { return TOP; }

    double y(double value) { return bottom() - Math.clamp(axis.at(value), 0, 1) * (bottom() - TOP); }

    void legend(List<String> names) {
        double x = width - RIGHT;
        for (int i = names.size() - 1; i >= 0; i--) {
            x -= g.getFontMetrics().stringWidth(names.get(i)) + 26;
            g.setColor(color(i));
            g.fillRect((int) x, 50, 12, 12);
            text(names.get(i), x + 17, 60, INK);
        }
    }

    void bar(double x, double barWidth, double value, int series) {
        g.setColor(color(series));
        g.fillRect((int) x, (int) y(value), (int) barWidth, Math.max(1, (int) (bottom() - y(value))));
    }

    void line(double x1, double y1, double x2, double y2, Color color, float thickness) {
        g.setColor(color);
        g.setStroke(new BasicStroke(thickness, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        g.draw(new Line2D.Double(x1, y1, x2, y2));
    }

    /** @param full or only its outline */
    void dot(double x, double value, int series, boolean full) {
        g.setColor(full ? color(series) : Color.WHITE);
        g.fillOval((int) x - 3, (int) y(value) - 3, 6, 6);
        g.setColor(color(series));
        g.setStroke(new BasicStroke(1.3f));
        g.drawOval((int) x - 3, (int) y(value) - 3, 6, 6);
    }

    void font(int style, int size) { g.setFont(new Font(Font.SANS_SERIF, style, size)); }

    void text(String s, double x, double y, Color color) {
        g.setColor(color);
        g.drawString(s, (float) x, (float) y);
    }

    void centred(String s, double x, double y, Color color) { text(s, x - g.getFontMetrics().stringWidth(s) / 2.0, y, color); }

    private void right(String s, double x, double y) { text(s, x - g.getFontMetrics().stringWidth(s), y, MUTED); }

    void write(Path file) throws IOException {
        g.dispose();
        ImageIO.write(image, "png", file.toFile());
    }
}
