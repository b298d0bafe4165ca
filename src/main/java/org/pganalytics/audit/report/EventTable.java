package org.pganalytics.audit.report;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;

/** Events as reports show them: of each, where it stands in the chain once it is sealed. */
final class EventTable {
    static final String SELECT = """
            SELECT e.id, e.time, e.actor, e.action, e.target, e.outcome, e.address, e.details::text AS details, s.position
            FROM audit_event e LEFT JOIN audit_seal s ON s.event_id = e.id
            """;

    private static final List<String> COLUMNS =
            List.of("id", "time", "actor", "action", "target", "outcome", "address", "details", "position");

    private EventTable() {}

    static ReportTable of(RowSet<Row> found) {
        return new ReportTable(
                COLUMNS,
                StreamSupport.stream(found.spliterator(), false)
                        .map(EventTable::cells)
                        .toList());
    }

    private static List<Object> cells(Row row) {
        return Arrays.asList(
                row.getLong("id"),
                row.getOffsetDateTime("time").toInstant().toString(),
                row.getString("actor"),
                row.getString("action"),
                row.getString("target"),
                row.getString("outcome"),
                row.getString("address"),
                row.getString("details"),
                row.getLong("position"));
    }
}
