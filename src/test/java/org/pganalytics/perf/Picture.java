package org.pganalytics.perf;

import java.util.Locale;

/** What docs/performance.md shows beside its tables. */
interface Picture {
    int WIDTH = 640;
    int HEIGHT = 320;
    int MARGIN = 60;

    String title();

    String svg();

    static String frame(String title, String across, String up) {
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
                        MARGIN, MARGIN, HEIGHT - MARGIN, WIDTH - MARGIN);
    }

    static String label(double value) {
        return format(value >= 100 ? "%,.0f" : "%.3g", value);
    }

    static String text(double x, double y, String anchor, String text) {
        return format("<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>%n", x, y, anchor, text);
    }

    static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
