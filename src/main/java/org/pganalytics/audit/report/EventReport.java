package org.pganalytics.audit.report;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;
import org.pganalytics.fault.Fault;

/** The events of a period that are about one thing. */
public enum EventReport {
    /** Who came in or tried to, and who left. */
    SIGN_INS(
            "person.sign-in",
            "person.confirm",
            "person.redeem-code",
            "person.end-session",
            "person.end-oldest-session",
            "api-token.refuse"),
    /** Who may do more, or less, than before; and with what they prove who they are. */
    PRIVILEGE_CHANGES(
            "person.add",
            "person.set-role",
            "person.set-source",
            "person.link",
            "person.rename",
            "person.give-up-name",
            "person.disable",
            "person.enable",
            "person.reset-password",
            "person.change-password",
            "person.reset-second-factor",
            "person.add-second-factor",
            "person.remove-second-factor",
            "api-token.create",
            "api-token.revoke",
            "admin-token.new",
            "admin-token.revoke",
            "registration-secret.add",
            "registration-secret.revoke"),
    /** Keys of sealed secrets that came, took over, went, or were lost. */
    KEY_ROTATIONS("keys.add", "keys.rotate", "keys.rewrapped", "keys.retire", "keys.discard");

    private static final String EVENTS = """
            %s WHERE e.time >= $1 AND e.time < $2 AND e.action = ANY ($3) ORDER BY e.time, e.id LIMIT $4
            """.formatted(EventTable.SELECT);

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> actions;

    EventReport(String... actions) {
        this.actions = List.of(actions);
    }

    public List<String> actions() {
        return actions;
    }

    /** Fails with BAD_REQUEST when there are too many. */
    public Future<ReportTable> read(SqlClient client, Period period) {
        var bounds = period.bounds();
        bounds.addArrayOfString(actions.toArray(String[]::new));
        bounds.addInteger(ReportTable.ROWS_MAX + 1);
        return client.preparedQuery(EVENTS).execute(bounds).compose(found -> {
            if (found.size() > ReportTable.ROWS_MAX) {
                return Future.failedFuture(Fault.BAD_REQUEST.because(
                        "there are more than %,d events in that period: ask for shorter ones, or take all along by"
                                        .formatted(ReportTable.ROWS_MAX)
                                + " 'pganalytics audit export'"));
            }
            return Future.succeededFuture(EventTable.of(found));
        });
    }
}
