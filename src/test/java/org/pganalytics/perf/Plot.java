package org.pganalytics.perf;

import java.util.List;
import java.util.stream.Collectors;

/** One curve as SVG: two axes from 0, their ends labelled, a dot for each point. */
record Plot(String title, String across, String up, List<Point> points) implements Picture {
    /** A measured point. */
    record Point(double x, double y) {}

    @Override
    public String svg() {
        double right = points.stream().mapToDouble(Point::x).max().orElse(1);
        double top = points.stream().mapToDouble(Point::y).max().orElse(1) * 1.1;
        var at = points.stream()
                .map(point -> new Point(
                        MARGIN + point.x() / right * (WIDTH - 2 * MARGIN),
                        HEIGHT - MARGIN - point.y() / top * (HEIGHT - 2 * MARGIN)))
                .toList();
        var line = at.stream()
                .map(point -> Picture.format("%.1f,%.1f", point.x(), point.y()))
                .collect(Collectors.joining(" "));
        return Picture.frame(title, across, up)
                + Picture.format("<polyline points='%s' fill='none' stroke='steelblue' stroke-width='2'/>%n", line)
                + dots(at)
                + "</svg>\n";
    }

    /** Each point with what was measured there. */
    private String dots(List<Point> at) {
        var dots = new StringBuilder();
        for (int each = 0; each < points.size(); each++) {
            dots.append(Picture.format(
                    "<circle cx='%.1f' cy='%.1f' r='3'/>%n",
                    at.get(each).x(), at.get(each).y()));
            dots.append(Picture.text(
                    at.get(each).x(),
                    at.get(each).y() - 8,
                    "middle",
                    Picture.label(points.get(each).y())));
            dots.append(Picture.text(
                    at.get(each).x(),
                    HEIGHT - MARGIN + 16,
                    "middle",
                    Picture.label(points.get(each).x())));
        }
        return dots.toString();
    }
}
