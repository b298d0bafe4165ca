package org.pganalytics.query;

import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.stream.Collectors;
import org.pganalytics.model.Column;

/** What the queries are written with: names of declared columns, quoted; everything else is a bound value. */
final class Sql {
    private Sql() {}

    static String quote(Column column) {
        return '"' + column.name() + '"';
    }

    static String list(Collection<Column> columns) {
        return columns.stream().map(Sql::quote).collect(Collectors.joining(", "));
    }

    /** Orders what has no order of its own, the same way on every page; 0 when there are no columns. */
    static String hash(Collection<Column> columns) {
        return columns.isEmpty() ? "0::int8" : "hash_record_extended(ROW(%s), 0)".formatted(list(columns));
    }

    /** Binds a time; returns its number. */
    static int bind(Tuple values, Instant time) {
        return values.addOffsetDateTime(OffsetDateTime.ofInstant(time, ZoneOffset.UTC))
                .size();
    }
}
