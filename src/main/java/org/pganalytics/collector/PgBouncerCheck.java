package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Source;

/** Looks whether a PgBouncer lets its console be read, by the very commands that collecting takes. Used once. */
public final class PgBouncerCheck {
    private final TargetConfig target;
    private final List<MetricFamily> families;
    private final PgBouncerConsole console;
    private final Remedies remedies;
    private final List<Finding> findings = new ArrayList<>();

    /** @param connectTimeout longest a connection may take to open */
    public PgBouncerCheck(Vertx vertx, TargetConfig target, List<MetricFamily> families, Duration connectTimeout) {
        this.target = target;
        this.families = families.stream()
                .filter(family -> family.reading().source() == Source.PGBOUNCER
                        && !target.skip().contains(family.name()))
                .toList();
        this.console = new PgBouncerConsole(vertx, target, connectTimeout);
        this.remedies = new Remedies(target);
    }

    /** Never fails: what goes wrong is a finding. */
    public Future<List<Finding>> run() {
        return console.ask("SHOW VERSION")
                .map(rows -> rows.iterator().next().getString(0))
                .onSuccess(version -> findings.add(Finding.good("reachable", version)))
                .compose(reached -> commands())
                .recover(failure -> told("reachable", failure))
                .map(done -> List.copyOf(findings));
    }

    private Future<Void> commands() {
        Future<Void> all = Future.succeededFuture();
        for (var family : families) {
            var command =
                    family.statementFor(PgBouncerReader.MAJOR).orElseThrow().sql();
            all = all.compose(before -> console.ask(command)
                    .onSuccess(rows -> findings.add(Finding.good(family.name(), "can be read")))
                    .<Void>mapEmpty()
                    .recover(failure -> told(family.name(), failure)));
        }
        return all;
    }

    private Future<Void> told(String subject, Throwable failure) {
        findings.add(Finding.problem(
                subject,
                FailureText.of(failure),
                String.valueOf(failure.getMessage()).contains("not allowed")
                        ? "add %s to stats_users in pgbouncer.ini, then RELOAD in its console".formatted(target.user())
                        : remedies.bouncing(failure)));
        return Future.succeededFuture();
    }
}
