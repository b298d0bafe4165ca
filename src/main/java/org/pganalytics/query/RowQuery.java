package org.pganalytics.query;

import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.model.Column;

/**
 * Asks for rows of a family as they were stored.
 *
 * <p>The tables have no unique key. So rows go by their time and, within it, by a hash of their columns; rows that have
 * both in common are counted.
 *
 * @param columns to be read
 * @param after where the page before ended, or null
 * @param limit most rows
 */
record RowQuery(
        Family family, int target, Range range, List<Column> columns, List<Filter> filters, Place after, int limit) {

    /** @param values gets what is to be bound */
    String sql(Tuple values) {
        var where = new ArrayList<String>();
        where.add("target_id = $" + values.addInteger(target).size());
        where.add("time >= $" + Sql.bind(values, after == null ? range.from() : after.time()));
        where.add("time < $" + Sql.bind(values, range.to()));
        filters.forEach(filter -> where.add(filter.sql(values)));
        // Of all columns, whichever are read: the order must not depend on these.
        var hash = Sql.hash(family.columns());
        if (after != null) {
            int time = Sql.bind(values, after.time());
            where.add("(time > $%d OR %s >= $%d)"
                    .formatted(time, hash, values.addLong(after.hash()).size()));
        }
        return "SELECT time AS \":time\", %s AS \":hash\", %s FROM %s WHERE %s ORDER BY 1, 2 OFFSET $%d LIMIT $%d"
                .formatted(
                        hash,
                        Sql.list(columns),
                        family.table(),
                        String.join(" AND ", where),
                        values.addInteger(after == null ? 0 : after.given()).size(),
                        values.addInteger(limit).size());
    }
}
