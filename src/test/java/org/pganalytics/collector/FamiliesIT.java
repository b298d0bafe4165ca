package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Kind;
import org.pganalytics.model.MetricFamily.Source;

/** The declared families against real servers, as a role that has pg_monitor and nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FamiliesIT {
    private static final List<MetricFamily> FAMILIES = FamilyFiles.load(Path.of("conf/families")).stream()
            .filter(family -> family.reading().source() == Source.SQL)
            .toList();

    /** Columns that only collectors of version 3 fill, by family. */
    private static final Map<String, Set<String>> OF_VERSION_3 =
            Map.of("pg_stat_user_tables", Set.of("total_bytes"), "pg_stat_database", Set.of("size_bytes"));

    private Vertx vertx;
    private Context loop;

    @BeforeAll
    void open() {
        vertx = Vertx.vertx();
        loop = vertx.getOrCreateContext();
    }

    @AfterAll
    void close() {
        Waiting.on(vertx.close());
    }

    /** Each has rows, but these: nothing makes them on a lone server that is young and idle; {@link RareFamiliesIT} does. */
    private static final Set<String> EMPTY_HERE = Set.of("pg_prepared_xacts", "pg_stat_wal_receiver", "table_age");

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 16, 17, 18})
    void everyFamilyGivesItsColumnsAndRows(int major) throws Exception {
        try (var server = WatchedServer.start(major);
                var scene = WatchedScene.open(server);
                var held = Waiting.closing(lanes(server))) {
            assertFalse(scene.stream().isClosed());
            var keys = new HashSet<Long>();
            for (var family : FAMILIES) {
                if (family.kind() == Kind.SAMPLES && family.statementFor(major).isPresent()) {
                    var block = blockIfAny(family, server, held.it(), Tuple.tuple());
                    assertEquals(!EMPTY_HERE.contains(family.name()), block.isPresent(), family.name());
                    block.ifPresent(found -> keysOf(found, "queryid", keys));
                }
            }
            assertFalse(keys.isEmpty(), "statements have queryids");
            var texts = block(
                    family("pg_statement_text"),
                    server,
                    held.it(),
                    Tuple.tuple().addArrayOfLong(keys.toArray(Long[]::new)));
            assertTrue(texts.rows() > 0);
            assertEquals(0, nulls(texts), "every text has its key and its words");
        }
    }

    @Test
    void everyFamilyIsForEveryVersionButThoseThatCameLater() {
        for (var family : FAMILIES) {
            int first = family.name().equals("pg_stat_io") ? 16 : 14;
            for (int major = 14; major <= 19; major++) {
                assertEquals(major >= first, family.statementFor(major).isPresent(), family.name() + " on " + major);
            }
        }
    }

    @Test
    void everyDeclaredColumnComesFromSomeVersion() {
        Map<String, Set<String>> found = new HashMap<>();
        for (int major : List.of(14, 15, 16, 17, 18)) {
            try (var server = WatchedServer.start(major);
                    var held = Waiting.closing(lanes(server))) {
                server.database()
                        .executeAsSuperuser("GRANT SELECT ON pg_hba_file_rules TO watcher;"
                                + " GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO watcher");
                for (var family : FAMILIES) {
                    var parameters = family.kind() == Kind.DICTIONARY
                            ? Tuple.tuple().addArrayOfLong(new Long[] {1L})
                            : Tuple.tuple();
                    if (family.statementFor(major).isPresent()) {
                        found.computeIfAbsent(family.name(), name -> new TreeSet<>())
                                .addAll(rows(family, server, held.it(), parameters)
                                        .columnsNames());
                    }
                }
            }
        }
        for (var family : FAMILIES) {
            var declared = new TreeSet<>(
                    family.schema().columns().stream().map(Column::name).toList());
            declared.removeAll(OF_VERSION_3.getOrDefault(family.name(), Set.of()));
            assertEquals(declared, found.get(family.name()), family.name());
        }
    }

    @Test
    void aTableThatIsHeldExclusivelyIsSeenWithoutItsSize() throws Exception {
        try (var server = WatchedServer.start(17);
                var held = Waiting.closing(lanes(server));
                var holder = server.database()
                        .superuserAddress()
                        .dataSource(Duration.ofSeconds(5))
                        .getConnection()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("LOCK TABLE seen IN ACCESS EXCLUSIVE MODE");
            var tables = block(family("pg_stat_user_tables"), server, held.it(), Tuple.tuple());
            assertEquals(1, tables.rows());
            var names = tables.schema().columns().stream().map(Column::name).toList();
            assertTrue(tables.vectors().get(names.indexOf("table_bytes")).isNull(0));
            assertTrue(block(family("pg_stat_user_indexes"), server, held.it(), Tuple.tuple())
                            .rows()
                    > 0);
            holder.rollback();
        }
    }

    @Test
    void whoWaitsForWhomIsSeen() throws Exception {
        try (var server = WatchedServer.start(17);
                var held = Waiting.closing(lanes(server));
                var holder = server.database()
                        .superuserAddress()
                        .dataSource(Duration.ofSeconds(5))
                        .getConnection();
                var waiter = server.database()
                        .superuserAddress()
                        .dataSource(Duration.ofSeconds(5))
                        .getConnection()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("LOCK TABLE seen IN ACCESS EXCLUSIVE MODE");
            var waiting = new Thread(
                    () -> Waiting.quietly(() -> waiter.createStatement().execute("TABLE seen")));
            waiting.start();
            Waiting.until(() -> pairs(server, held.it()) == 1);
            holder.rollback();
            waiting.join();
        }
    }

    private long pairs(WatchedServer server, ConnectionLanes lanes) {
        var locks = block(family("pg_locks"), server, lanes, Tuple.tuple());
        var blocked = (ColumnVector.Longs) locks.vectors().get(5);
        assertEquals("blocked_pid", locks.schema().columns().get(5).name());
        return locks.rows() - blocked.nulls().cardinality();
    }

    private static MetricFamily family(String name) {
        return FAMILIES.stream()
                .filter(family -> family.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aServerIsTheSameInDatabasesWithTimeZonesOfTheirOwn() {
        try (var server = WatchedServer.start(17);
                var other = WatchedServer.start(17);
                var held = Waiting.closing(lanes(server))) {
            var name = other.database().name();
            other.database().executeAsSuperuser("ALTER DATABASE \"" + name + "\" SET timezone = 'Asia/Tokyo'");
            assertEquals(run(held.it(), server.database().name()), run(held.it(), name));
        }
    }

    @Test
    void sequencesOfASchemaThatTheRoleMayNotUseAreToldAllTheSame() {
        try (var server = WatchedServer.start(17);
                var held = Waiting.closing(lanes(server))) {
            server.database().executeAsSuperuser("CREATE SCHEMA secret CREATE SEQUENCE \"of 'all\"");
            var block = block(family("pg_sequences"), server, held.it(), Tuple.tuple());
            assertEquals(1, block.rows());
        }
    }

    private String run(ConnectionLanes lanes, String database) {
        return Waiting.on(Future.future(promise ->
                loop.runOnContext(turn -> lanes.use(database, session -> Future.succeededFuture(session.run()))
                        .onComplete(promise))));
    }

    private ConnectionLanes lanes(WatchedServer server) {
        var target = server.target("watched", 1);
        return new ConnectionLanes(vertx, TargetOptions.reading(target), target, Duration.ofSeconds(5));
    }

    private ColumnBlock block(MetricFamily family, WatchedServer server, ConnectionLanes lanes, Tuple parameters) {
        return blockIfAny(family, server, lanes, parameters).orElseThrow();
    }

    private Optional<ColumnBlock> blockIfAny(
            MetricFamily family, WatchedServer server, ConnectionLanes lanes, Tuple parameters) {
        var found = rows(family, server, lanes, parameters);
        var declared = family.schema().columns().stream().map(Column::name).toList();
        assertTrue(declared.containsAll(found.columnsNames()), family.name() + ": " + found.columnsNames());
        return FamilyRows.block(family.schema(), "watched", 1, found);
    }

    private RowSet<Row> rows(MetricFamily family, WatchedServer server, ConnectionLanes lanes, Tuple parameters) {
        Future<RowSet<Row>> found = Future.future(promise -> loop.runOnContext(
                turn -> lanes.use(server.database().name(), session -> rows(family, session, parameters))
                        .onComplete(promise)));
        return Waiting.on(found);
    }

    private static Future<RowSet<Row>> rows(MetricFamily family, TargetSession session, Tuple parameters) {
        var statement = family.statementFor(session.major()).orElseThrow();
        assertTrue(session.has(statement.extension()));
        return session.query(statement.sql(), parameters)
                .recover(failure -> Future.failedFuture(new IllegalStateException(family.name(), failure)));
    }

    private static void keysOf(ColumnBlock block, String column, Set<Long> keys) {
        for (int at = 0; at < block.schema().columns().size(); at++) {
            if (block.schema().columns().get(at).name().equals(column)) {
                for (long key : ((ColumnVector.Longs) block.vectors().get(at)).values()) {
                    keys.add(key);
                }
            }
        }
    }

    private static long nulls(ColumnBlock block) {
        long nulls = 0;
        for (var vector : block.vectors()) {
            for (int row = 0; row < block.rows(); row++) {
                nulls += vector.isNull(row) ? 1 : 0;
            }
        }
        return nulls;
    }
}
