package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import org.pganalytics.database.Tier;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.storage.tables.FamilyTable.Layout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives hypertables a columnstore where TimescaleDB's licence has one. */
final class Columnstore {
    private static final Logger LOG = LoggerFactory.getLogger(Columnstore.class);

    private final Tier tier;
    private final LockedChange changes;
    private final TablesConfig config;

    Columnstore(Tier tier, LockedChange changes, TablesConfig config) {
        this.tier = tier;
        this.changes = changes;
        this.config = config;
    }

    /**
     * Completes with the table as it is then, always: rows are kept without a columnstore too, only wider. One that is
     * there already stays as somebody has set it.
     */
    Future<FamilyTable> furnish(FamilyTable table) {
        if (table.layout() != Layout.HYPERTABLE || tier.kind() != Tier.Kind.TIMESCALE_COMMUNITY) {
            return Future.succeededFuture(table);
        }
        var family = table.family();
        return changes.run(family.name(), tx -> enable(tx, family))
                .map(direct -> table.withDirectRows(direct ? config.directCompressRows() : 0))
                .otherwise(failure -> {
                    LOG.warn("{} stays without a columnstore: {}", family.name(), failure.getMessage());
                    return table;
                });
    }

    /** @return whether a COPY can be written as columns at once */
    private static Future<Boolean> enable(SqlConnection tx, MetricFamily family) {
        return TableCatalog.columnstore(tx, family.name())
                .compose(found -> found.enabled()
                        ? Future.succeededFuture(found.direct())
                        : tx.query(TableDdl.columnstore(family)).execute().map(found.direct()));
    }
}
