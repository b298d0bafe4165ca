package org.pganalytics.identity.report;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.audit.report.EventReport;
import org.pganalytics.audit.report.Period;
import org.pganalytics.audit.report.ReportTable;
import org.pganalytics.audit.report.RetentionProof;

/** Makes reports, and writes down who took which along. */
public final class Reports {
    private final Pool pool;
    private final AuditTrail audit;
    private final Duration retention;

    /** What there is. */
    public enum Kind {
        SIGN_INS,
        PRIVILEGE_CHANGES,
        /** Of now, whatever the period. */
        ACCESS_REVIEW,
        KEY_ROTATIONS,
        RETENTION;

        /** As the contract and the command line spell it. */
        public String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public static Optional<Kind> of(String key) {
            return Arrays.stream(values()).filter(one -> one.key().equals(key)).findFirst();
        }
    }

    /** Who asks, and from where. */
    public record Asker(String actor, String address) {}

    /** @param retention of the audit, as it is configured */
    public Reports(Pool pool, AuditTrail audit, Duration retention) {
        this.pool = pool;
        this.audit = audit;
        this.retention = retention;
    }

    /** Fails with BAD_REQUEST when it is too long. */
    public Future<ReportTable> make(Kind kind, Period period, Asker asker) {
        return pool.withTransaction(tx -> read(tx, kind, period)
                .compose(table ->
                        audit.add(tx, record(kind, period, asker, table)).map(table)));
    }

    private Future<ReportTable> read(SqlConnection tx, Kind kind, Period period) {
        return switch (kind) {
            case SIGN_INS -> EventReport.SIGN_INS.read(tx, period);
            case PRIVILEGE_CHANGES -> EventReport.PRIVILEGE_CHANGES.read(tx, period);
            case KEY_ROTATIONS -> EventReport.KEY_ROTATIONS.read(tx, period);
            case RETENTION -> RetentionProof.read(tx, retention, period);
            case ACCESS_REVIEW -> AccessReview.read(tx);
        };
    }

    private static AuditRecord record(Kind kind, Period period, Asker asker, ReportTable table) {
        var details = new JsonObject()
                .put("from", period.from().toString())
                .put("to", period.to().toString())
                .put("rows", table.rows().size());
        return new AuditRecord(
                asker.actor(), "report.read", "report:" + kind.key(), AuditRecord.OK, asker.address(), details);
    }
}
