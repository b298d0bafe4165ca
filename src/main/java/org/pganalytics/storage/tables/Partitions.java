package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;

/** Daily partitions of a table, days in UTC. Within a transaction that holds the family's lock. */
final class Partitions {
    private Partitions() {}

    /** @return whether it had to be made */
    static Future<Boolean> ensure(SqlConnection tx, String family, LocalDate day) {
        return exists(tx, family, day)
                .compose(exists -> exists
                        ? Future.succeededFuture(false)
                        : tx.query(TableDdl.createPartition(family, day))
                                .execute()
                                .map(true));
    }

    static Future<Void> drop(SqlConnection tx, String family, LocalDate day) {
        return tx.query("DROP TABLE IF EXISTS " + TableDdl.partition(family, day))
                .execute()
                .mapEmpty();
    }

    private static Future<Boolean> exists(SqlConnection tx, String family, LocalDate day) {
        return tx.preparedQuery("SELECT to_regclass($1) IS NOT NULL")
                .execute(Tuple.of(TableDdl.partition(family, day)))
                .map(rows -> rows.iterator().next().getBoolean(0));
    }
}
