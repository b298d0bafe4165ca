package org.pganalytics.boot;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Supplier;
import org.pganalytics.collector.AgentStatus;

/** One line that says how things are: rewritten each second on a terminal, a new one now and then elsewhere. */
final class StatusLine {
    private static final long EVERY_MILLIS = 1_000;
    private static final int TICKS_A_LINE = 10;

    private final MeterRegistry meters;
    private final Supplier<AgentStatus> agent;
    private final PrintWriter out;
    /** {@code Main} keeps later JDKs from giving a console where there is no terminal. */
    @SuppressWarnings("SystemConsoleNull")
    private final boolean terminal = System.console() != null;

    private double rowsBefore;
    private int ticks;

    StatusLine(MeterRegistry meters, Supplier<AgentStatus> agent, PrintWriter out) {
        this.meters = meters;
        this.agent = agent;
        this.out = out;
    }

    void start(Vertx vertx) {
        vertx.setPeriodic(EVERY_MILLIS, tick -> show());
    }

    private void show() {
        if (!terminal && ticks++ % TICKS_A_LINE != 0) {
            return;
        }
        var rows = total("pganalytics.ingest.rows");
        double seconds = terminal ? 1 : TICKS_A_LINE;
        var status = agent.get();
        var line = String.format(
                Locale.ROOT,
                "rows in %,.0f | rows/s %,.0f | collectors %.0f | lag %d batches | refused %.0f | lost %.0f",
                rows,
                (rows - rowsBefore) / seconds,
                sessions(),
                status.spool().batches(),
                total("pganalytics.ingest.refused"),
                total("pganalytics.ingest.lost.rows"));
        rowsBefore = rows;
        if (terminal) {
            out.print("\r" + line + "  ");
        } else {
            out.println(line);
        }
        out.flush();
    }

    private double total(String name) {
        return meters.find(name).counters().stream().mapToDouble(Counter::count).sum();
    }

    private double sessions() {
        return meters.find("pganalytics.ingest.sessions").gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }
}
