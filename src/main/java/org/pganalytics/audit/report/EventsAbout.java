package org.pganalytics.audit.report;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/** The events that name somebody, as who did it or whom it was done to. */
public final class EventsAbout {
    private static final String LATEST = """
            %s WHERE e.actor = $1 OR starts_with(e.actor, $1 || '/') OR e.target = $1
            ORDER BY e.time DESC, e.id DESC LIMIT $2
            """.formatted(EventTable.SELECT);

    private EventsAbout() {}

    /** The latest first, {@link ReportTable#ROWS_MAX} at most. @param who as the audit has them; their tokens are theirs */
    public static Future<ReportTable> read(SqlClient client, String who) {
        return client.preparedQuery(LATEST)
                .execute(Tuple.of(who, ReportTable.ROWS_MAX))
                .map(EventTable::of);
    }
}
