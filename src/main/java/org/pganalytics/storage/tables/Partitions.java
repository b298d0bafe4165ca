package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.LocalDate;

/** Daily partitions of a table, days in UTC. Within a transaction that holds the family's lock. */
final class Partitions {
    private Partitions() {}

    /** @return whether it had to be made */
    static Future<Boolean> ensure(SqlConnection tx, String family, LocalDate day) {
        return TableCatalog.exists(tx, TableDdl.partition(family, day))
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
}
