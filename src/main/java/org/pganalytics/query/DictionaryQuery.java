package org.pganalytics.query;

import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.model.Column;

/** Asks for a target's rows of a dictionary, by key. @param after the last key of the page before, or null */
record DictionaryQuery(Family family, int target, List<Column> columns, List<Filter> filters, Long after, int limit) {

    String sql(Tuple values) {
        var key = '"' + family.dictionaryKey() + '"';
        var where = new ArrayList<String>();
        where.add("target_id = $" + values.addInteger(target).size());
        if (after != null) {
            where.add("%s > $%d".formatted(key, values.addLong(after).size()));
        }
        filters.forEach(filter -> where.add(filter.sql(values)));
        return "SELECT %s AS place_key, last_sent, %s FROM %s WHERE %s ORDER BY 1 LIMIT $%d"
                .formatted(
                        key,
                        Sql.list(columns),
                        family.table(),
                        String.join(" AND ", where),
                        values.addInteger(limit).size());
    }
}
