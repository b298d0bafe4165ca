package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.http.Moment;

/** Finds collectors, in pages; sorted by what never changes, so that none moves from page to page. */
final class CollectorSearch {
    private final Pool pool;

    CollectorSearch(Pool pool) {
        this.pool = pool;
    }

    /** By what collectors are sorted; by their id besides. */
    enum Sort {
        NAME("name", "text"),
        REGISTERED_AT("registered_at", "timestamptz");

        private final String column;
        private final String type;

        Sort(String column, String type) {
            this.column = column;
            this.type = type;
        }

        /** Returns it when the column may have such a value; throws when it may not. */
        String value(String text) {
            return this == NAME ? text : Moment.parse(text).toString();
        }
    }

    /** The last collector of the page before. @param value of the column that is sorted by, as text */
    record After(String value, UUID collector) {}

    /** Which ones; all conditions hold. */
    record Condition(Optional<Boolean> revoked, Optional<String> name, Optional<Instant> seenBefore) {}

    /** @param limit most entries; one more is found when there is a next page */
    Future<List<CollectorEntry>> find(
            Condition condition, Sort sort, boolean descending, Optional<After> after, int limit) {
        var where = new ArrayList<String>();
        var values = Tuple.tuple();
        condition.revoked().ifPresent(revoked -> where.add(revoked ? "revoked_at IS NOT NULL" : "revoked_at IS NULL"));
        condition
                .name()
                .ifPresent(name -> where.add("name = $" + values.addString(name).size()));
        condition
                .seenBefore()
                .map(time -> values.addOffsetDateTime(OffsetDateTime.ofInstant(time, ZoneOffset.UTC))
                        .size())
                .ifPresent(at -> where.add("(last_seen_at IS NULL OR last_seen_at < $%d)".formatted(at)));
        after.ifPresent(last -> {
            int at = values.addString(last.value()).addUUID(last.collector()).size();
            where.add("(%s, collector_id) %s ($%d::text::%s, $%d)"
                    .formatted(sort.column, descending ? "<" : ">", at - 1, sort.type, at));
        });
        var order = descending ? "DESC" : "ASC";
        var sql = "SELECT %s FROM collector %s ORDER BY %s %s, collector_id %s LIMIT $%d"
                .formatted(
                        CollectorEntry.COLUMNS,
                        where.isEmpty() ? "" : "WHERE " + String.join(" AND ", where),
                        sort.column,
                        order,
                        order,
                        values.addInteger(limit + 1).size());
        return pool.preparedQuery(sql).execute(values).map(Collectors::entries).recover(Collectors::refusal);
    }
}
