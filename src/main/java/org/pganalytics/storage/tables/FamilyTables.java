package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.pganalytics.database.Tier;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.storage.tables.FamilyTable.Layout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of all declared families. Safe to share between event loops.
 *
 * <p>What it knows of partitions is forgotten with each new physical connection (a restored database), see
 * {@link #generation}.
 */
public final class FamilyTables {
    private static final Logger LOG = LoggerFactory.getLogger(FamilyTables.class);
    /** Families times days of the longest retention; beyond it the memory starts anew. */
    private static final int KNOWN_PARTITIONS_MAX = 50_000;

    private final Pool pool;
    private final LockedChange changes;
    private final TableBuilder builder;
    private final Columnstore columnstore;
    private final TablesConfig config;
    private final Map<String, FamilyTable> tables = new ConcurrentHashMap<>();
    private final Map<String, String> problems = new ConcurrentHashMap<>();
    private final Map<Slot, Future<Void>> partitions = new ConcurrentHashMap<>();
    private final AtomicLong generation = new AtomicLong();
    private volatile List<MetricFamily> declared = List.of();

    private record Slot(String family, LocalDate day) {}

    /** @param pool without a statement timeout, as the role that owns the schema {@code metrics} */
    public FamilyTables(Vertx vertx, Pool pool, Tier tier, TablesConfig config) {
        this.pool = pool;
        this.config = config;
        this.changes = new LockedChange(vertx, pool, config);
        this.builder = new TableBuilder(tier);
        this.columnstore = new Columnstore(tier, changes, config);
    }

    /**
     * Makes and widens the tables of these families, and today's partitions and those ahead; may be called again.
     *
     * <p>A family whose table does not agree with it is left out and stands in {@link #problems}; the others go on.
     * Fails when the database does not answer.
     */
    public Future<Void> prepare(List<MetricFamily> families) {
        declared = List.copyOf(families);
        var chain = TableCatalog.now(pool);
        for (var family : declared) {
            chain = chain.compose(now -> prepare(
                            family,
                            now.toInstant().atOffset(java.time.ZoneOffset.UTC).toLocalDate())
                    .map(now));
        }
        return chain.mapEmpty();
    }

    /** Reads anew what the tables are, and makes again those that are gone. */
    public Future<Void> refresh() {
        forget();
        return prepare(declared);
    }

    /**
     * Takes a family's table as another server made or widened it; of a family that is declared here only the columns are
     * news. Completes empty, and changes nothing, where there is no such table or it does not agree.
     */
    Future<Optional<FamilyTable>> learn(MetricFamily theirs) {
        var family = ours(theirs.name()).orElse(theirs);
        return pool.withTransaction(tx -> builder.find(tx, family))
                .compose(found -> found.isPresent()
                        ? columnstore.furnish(found.get()).map(Optional::of)
                        : Future.succeededFuture(Optional.<FamilyTable>empty()))
                .onSuccess(found -> found.ifPresent(table -> tables.put(family.name(), table)))
                .recover(failure -> isOfThisFamilyOnly(failure)
                        ? Future.succeededFuture(Optional.empty())
                        : Future.failedFuture(failure));
    }

    /** This server's own declaration. */
    Optional<MetricFamily> ours(String family) {
        return declared.stream().filter(own -> own.name().equals(family)).findFirst();
    }

    /** Another database may have less. */
    void forgetAllBut(Set<String> families) {
        tables.keySet()
                .removeIf(known -> !families.contains(known) && ours(known).isEmpty());
    }

    /** A declared family's table; empty when it is not declared or stands in {@link #problems}. */
    public Optional<FamilyTable> lookup(String family) {
        return Optional.ofNullable(tables.get(family));
    }

    /** What is wrong with the families that have no table, by family. */
    public Map<String, String> problems() {
        return Map.copyOf(problems);
    }

    /**
     * Completes when rows of that day (UTC) have a place. The caller has made sure that the day is within the family's
     * retention.
     */
    public Future<Void> ensure(String family, LocalDate day) {
        var table = tables.get(family);
        if (table == null) {
            return Future.failedFuture(
                    Fault.UNKNOWN_FAMILY.because("family %s has no table on this server".formatted(family)));
        }
        if (table.layout() != Layout.DAILY_PARTITIONS) {
            return Future.succeededFuture();
        }
        if (partitions.size() > KNOWN_PARTITIONS_MAX) {
            partitions.clear();
        }
        var slot = new Slot(family, day);
        var known = partitions.get(slot);
        return known != null ? known : make(slot);
    }

    /** Forgets which partitions are there; to be called for each new physical connection. */
    public void forget() {
        generation.incrementAndGet();
        partitions.clear();
    }

    /**
     * Grows with each {@link #forget}. What was learned under another generation may be of another database: whoever
     * looked up ids or partitions before it had its connection compares, and looks again when it has grown.
     */
    public long generation() {
        return generation.get();
    }

    private Future<Void> make(Slot slot) {
        var made = changes.run(
                slot.family(),
                tx -> Partitions.ensure(tx, slot.family(), slot.day()).<Void>mapEmpty());
        partitions.put(slot, made);
        return made.onFailure(failure -> partitions.remove(slot, made));
    }

    private Future<Void> prepare(MetricFamily family, LocalDate today) {
        if (family.name().matches(TableDdl.PARTITION_NAME)) {
            return leaveOut(family, "a family's name must not end like a partition's, _pYYYYMMDD");
        }
        return changes.run(family.name(), tx -> builder.build(tx, family))
                .compose(columnstore::furnish)
                .compose(table -> ready(table, today))
                .recover(failure -> isOfThisFamilyOnly(failure)
                        ? leaveOut(family, failure.getMessage())
                        : Future.failedFuture(Fault.STORE_DOWN.because("the tables cannot be prepared", failure)));
    }

    private Future<Void> ready(FamilyTable table, LocalDate today) {
        tables.put(table.family().name(), table);
        problems.remove(table.family().name());
        if (table.layout() != Layout.DAILY_PARTITIONS) {
            return Future.succeededFuture();
        }
        var family = table.family().name();
        // Asked for all at once: a transaction a day only where a partition is to be made.
        return TableCatalog.partitions(pool, "metrics", family).compose(made -> {
            var there = Set.copyOf(made);
            var chain = Future.<Void>succeededFuture();
            for (int ahead = 0; ahead <= config.partitionsAhead(); ahead++) {
                var day = today.plusDays(ahead);
                chain = there.contains(day) ? chain : chain.compose(before -> ensure(family, day));
            }
            return chain;
        });
    }

    private Future<Void> leaveOut(MetricFamily family, String why) {
        LOG.error("family {} cannot be stored: {}", family.name(), why);
        tables.remove(family.name());
        problems.put(family.name(), why);
        return Future.succeededFuture();
    }

    /** Our own refusals, and SQL that the database understood and refused; not a database that is away. */
    private static boolean isOfThisFamilyOnly(Throwable failure) {
        return failure instanceof org.pganalytics.fault.FaultException
                || failure instanceof io.vertx.pgclient.PgException refused
                        && refused.getSqlState() != null
                        && refused.getSqlState().startsWith("42");
    }

    Map<String, FamilyTable> known() {
        return new LinkedHashMap<>(tables);
    }
}
