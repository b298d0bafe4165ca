package org.pganalytics.identity.report;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import org.pganalytics.audit.report.Period;
import org.pganalytics.audit.report.ReportTable;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Operations;

/** Compliance reports over HTTP: what docs/openapi.yaml has under "reports". */
public final class ReportRoutes {
    private final Reports reports;
    private final PersonExport export;
    private final Clock clock;

    public ReportRoutes(Reports reports, PersonExport export, Clock clock) {
        this.reports = reports;
        this.export = export;
        this.clock = clock;
    }

    public void mount(Operations operations) {
        operations.on("showReport", this::show);
        operations.on(
                "exportPerson",
                call -> export.of(call.text("person"), asker(call)).map(Answer::ok));
    }

    private Future<Answer> show(Call call) {
        var kind = Reports.Kind.of(call.text("report")).orElseThrow();
        var period = Period.of(call.time("from"), call.time("to"), clock.instant());
        return reports.make(kind, period, asker(call))
                .map(table -> call.text("format").equals("csv") ? csv(kind, table) : json(kind, period, table));
    }

    private static Reports.Asker asker(Call call) {
        return new Reports.Asker(call.actor(), call.origin().address());
    }

    private static Answer json(Reports.Kind kind, Period period, ReportTable table) {
        return Answer.ok(new JsonObject()
                .put("report", kind.key())
                .put("from", period.from().toString())
                .put("to", period.to().toString())
                .put("rows", table.json()));
    }

    private static Answer csv(Reports.Kind kind, ReportTable table) {
        return new Answer(200, "text/csv", Buffer.buffer(table.csv()))
                .with("Content-Disposition", "attachment; filename=\"%s.csv\"".formatted(kind.key()));
    }
}
