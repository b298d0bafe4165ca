package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** The databases of a target in which families of one database are read. */
final class Databases {
    private static final String ALL = "SELECT datname::text FROM pg_database WHERE datallowconn AND NOT"
            + " datistemplate AND has_database_privilege(oid, 'connect') ORDER BY 1";

    private Databases() {}

    /** Those that the configuration names, else all there are now that may be connected to. */
    static Future<List<String>> watched(ConnectionLanes lanes, TargetConfig target) {
        if (!target.databases().isEmpty()) {
            return Future.succeededFuture(target.databases());
        }
        return lanes.use(target.database(), session -> session.query(ALL, Tuple.tuple()))
                .map(found -> {
                    var names = new ArrayList<String>();
                    found.forEach(row -> names.add(row.getString(0)));
                    return names;
                });
    }
}
