package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pganalytics.database.Tier;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.storage.tables.FamilyTable.Layout;
import org.pganalytics.storage.tables.TableCatalog.Found;

/** Makes a family's table, or widens the one that is there; takes nothing away. Within a transaction. */
final class TableBuilder {
    private static final Set<String> OURS = Set.of("time", "target_id", "last_sent");

    private final Tier tier;
    private final RollUpTables rollUps;

    TableBuilder(Tier tier) {
        this.tier = tier;
        this.rollUps = new RollUpTables(tier);
    }

    Future<FamilyTable> build(SqlConnection tx, MetricFamily family) {
        return TableCatalog.table(tx, family.name())
                .compose(found -> found.isPresent() ? Future.succeededFuture(found) : create(tx, family))
                .compose(found -> layout(tx, family, found.get())
                        .compose(layout -> widen(tx, family, found.get())
                                .map(columns -> new FamilyTable(family, layout, columns, 0))))
                .compose(table -> rollUps.build(tx, family)
                        .compose(made -> FamilyRecords.remember(tx, family))
                        .compose(remembered -> rollUps.built(tx, family))
                        .map(table));
    }

    /** The table of a family that another server declared, as it stands; empty where there is none. Changes nothing. */
    Future<Optional<FamilyTable>> find(SqlConnection tx, MetricFamily family) {
        return TableCatalog.table(tx, family.name())
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(Optional.empty())
                        : layout(tx, family, found.get())
                                .map(layout ->
                                        Optional.of(new FamilyTable(family, layout, agreed(family, found.get()), 0))));
    }

    private Future<Optional<Found>> create(SqlConnection tx, MetricFamily family) {
        return make(tx, family).compose(made -> TableCatalog.table(tx, family.name()));
    }

    private Future<Void> make(SqlConnection tx, MetricFamily family) {
        if (family.kind() == MetricFamily.Kind.DICTIONARY) {
            return tx.query(TableDdl.createDictionary(family)).execute().mapEmpty();
        }
        var made =
                tx.query(TableDdl.createSamples(family, !tier.hasHypertables())).execute();
        return tier.hasHypertables()
                ? made.compose(table -> tx.query(TableDdl.createHypertable(family.name()))
                                .execute())
                        .mapEmpty()
                : made.mapEmpty();
    }

    /** As the table is, not as this tier would make it: one made before TimescaleDB came stays as it is. */
    private Future<Layout> layout(SqlConnection tx, MetricFamily family, Found found) {
        if (family.kind() == MetricFamily.Kind.DICTIONARY) {
            require(found.types().containsKey("last_sent"), family, "is no table of a dictionary");
            return Future.succeededFuture(Layout.WHOLE);
        }
        require(found.types().containsKey("time"), family, "is no table of samples");
        if (found.kind().equals("p")) {
            return Future.succeededFuture(Layout.DAILY_PARTITIONS);
        }
        require(tier.hasHypertables(), family, "is neither partitioned nor a hypertable");
        return TableCatalog.isHypertable(tx, family.name()).map(hypertable -> {
            require(hypertable, family, "is neither partitioned nor a hypertable");
            return Layout.HYPERTABLE;
        });
    }

    private static void require(boolean holds, MetricFamily family, String otherwise) {
        if (!holds) {
            throw Fault.STORE_DOWN.because(
                    "%s %s: rename the table or the family".formatted(TableDdl.table(family.name()), otherwise));
        }
    }

    private static Future<Map<String, ColumnType>> widen(SqlConnection tx, MetricFamily family, Found found) {
        var missing = family.schema().columns().stream()
                .filter(column -> !found.types().containsKey(column.name()))
                .toList();
        var columns = agreed(family, found);
        missing.forEach(column -> columns.put(column.name(), column.type()));
        return missing.isEmpty()
                ? Future.succeededFuture(columns)
                : tx.query(TableDdl.addColumns(family.name(), missing))
                        .execute()
                        .map(columns);
    }

    private static Map<String, ColumnType> agreed(MetricFamily family, Found found) {
        for (var column : family.schema().columns()) {
            String type = found.types().get(column.name());
            if (type != null && !type.equals(column.type().sqlName())) {
                throw Fault.STORE_DOWN.because(
                        "column %s of %s is %s in the database and %s in its declaration: give the column a new name"
                                .formatted(
                                        column.name(),
                                        TableDdl.table(family.name()),
                                        type,
                                        column.type().sqlName()));
            }
        }
        var columns = new HashMap<String, ColumnType>();
        found.types()
                .forEach((name, type) -> ColumnType.ofSqlName(type)
                        .filter(known -> !OURS.contains(name))
                        .ifPresent(known -> columns.put(name, known)));
        return columns;
    }
}
