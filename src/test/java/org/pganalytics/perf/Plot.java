package org.pganalytics.perf;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** One curve as SVG: two axes from 0, their ends labelled, a dot for each point. */
record Plot(String title, String across, String up, List<Point> points) {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 320;
    private static final int MARGIN = 60;

    /** A measured point. */
    record Point(double x, double y) {}

    String svg() {
        double right = points.stream().mapToDouble(Point::x).max().orElse(1);
        double top = points.stream().mapToDouble(Point::y).max().orElse(1) * 1.1;
        var at = points.stream()
                .map(point -> new Point(
                        MARGIN + point.x() / right * (WIDTH - 2 * MARGIN),
                        HEIGHT - MARGIN - point.y() / top * (HEIGHT - 2 * MARGIN)))
                .toList();
        var line = at.stream()
                .map(point -> format("%.1f,%.1f", point.x(), point.y()))
                .collect(Collectors.joining(" "));
        return """
                <svg xmlns='http://www.w3.org/2000/svg' width='%1$d' height='%2$d' viewBox='0 0 %1$d %2$d' \
                font-family='sans-serif' font-size='11'>
                <rect width='100%%' height='100%%' fill='white'/>
                """.formatted(WIDTH, HEIGHT)
                + text(WIDTH / 2.0, 20, "middle", title)
                + text(WIDTH / 2.0, HEIGHT - 20, "middle", across)
                + text(10, MARGIN - 16, "start", up)
                + format(
                        "<path d='M%d %d V%d H%d' fill='none' stroke='gray'/>%n",
                        MARGIN, MARGIN, HEIGHT - MARGIN, WIDTH - MARGIN)
                + format("<polyline points='%s' fill='none' stroke='steelblue' stroke-width='2'/>%n", line)
                + dots(at)
                + "</svg>\n";
    }

    /** Each point with what was measured there. */
    private String dots(List<Point> at) {
        var dots = new StringBuilder();
        for (int each = 0; each < points.size(); each++) {
            dots.append(format(
                    "<circle cx='%.1f' cy='%.1f' r='3'/>%n",
                    at.get(each).x(), at.get(each).y()));
            dots.append(text(
                    at.get(each).x(),
                    at.get(each).y() - 8,
                    "middle",
                    label(points.get(each).y())));
            dots.append(text(
                    at.get(each).x(),
                    HEIGHT - MARGIN + 16,
                    "middle",
                    label(points.get(each).x())));
        }
        return dots.toString();
    }

    private static String label(double value) {
        return format(value >= 100 ? "%,.0f" : "%.3g", value);
    }

    private static String text(double x, double y, String anchor, String text) {
        return format("<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>%n", x, y, anchor, text);
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
