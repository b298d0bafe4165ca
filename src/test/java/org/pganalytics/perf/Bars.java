package org.pganalytics.perf;

import java.util.List;

/** A bar for each of a few things, its value above it. */
record Bars(String title, String up, List<Bar> bars) implements Picture {
    /** One of them. */
    record Bar(String name, double value) {}

    @Override
    public String svg() {
        double top = bars.stream().mapToDouble(Bar::value).max().orElse(1) * 1.1;
        double slot = (WIDTH - 2.0 * MARGIN) / bars.size();
        var svg = new StringBuilder(Picture.frame(title, "", up));
        for (int at = 0; at < bars.size(); at++) {
            double height = bars.get(at).value() / top * (HEIGHT - 2 * MARGIN);
            double middle = MARGIN + (at + 0.5) * slot;
            svg.append(Picture.format(
                    "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='steelblue'/>%n",
                    middle - slot / 4, HEIGHT - MARGIN - height, slot / 2, height));
            svg.append(Picture.text(
                    middle,
                    HEIGHT - MARGIN - height - 8,
                    "middle",
                    Picture.label(bars.get(at).value())));
            svg.append(Picture.text(
                    middle, HEIGHT - MARGIN + 16, "middle", bars.get(at).name()));
        }
        return svg + "</svg>\n";
    }
}
