package org.pganalytics.database;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.ClientBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnectOptions;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The ways to the database: one pool for what writes batches, one for everything else, so that neither starves the
 * other. Connections are made when first needed.
 */
public final class Database {
    private final DatabaseConfig config;
    /** PostgreSQL ends a query by itself, and the word of that has to arrive. */
    private static final Duration SILENCE_BEYOND = Duration.ofSeconds(2);

    /** A reader's statements over some columns are longer than what is kept prepared by default, 2,048. */
    private static final int READ_SQL_CHARACTERS_MAX = 1 << 14;

    /** Each is some tens of kilobytes in PostgreSQL's memory. */
    private static final int READ_STATEMENTS_MAX = 64;

    /** After which a reader's connection is made anew, to where reading is best by then. */
    private static final int READ_LIFE_SECONDS = 60;

    private final WritableHost writable;
    private final Supplier<Future<PgConnectOptions>> readable;
    private final OpenSockets openSockets = new OpenSockets();
    private final List<Runnable> onNewConnection = new CopyOnWriteArrayList<>();
    private final Pool pool;
    private final Pool controlPool;
    private final Vertx vertx;
    private final MeterRegistry meters;
    private final List<Pool> readPools = new CopyOnWriteArrayList<>();

    /** Without replicas. */
    public Database(Vertx vertx, DatabaseAddress address, DatabaseConfig config, MeterRegistry meters) {
        this(vertx, address, Optional.empty(), config, meters);
    }

    /** @param replicas that readers go to as long as one is fit; empty for none */
    public Database(
            Vertx vertx,
            DatabaseAddress address,
            Optional<DatabaseAddress> replicas,
            DatabaseConfig config,
            MeterRegistry meters) {
        this.config = config;
        this.vertx = vertx;
        this.meters = meters;
        this.writable = new WritableHost(vertx, address, config.connectTimeout(), openSockets::cut);
        this.readable = replicas.<Supplier<Future<PgConnectOptions>>>map(hosts ->
                        new ReadableHost(vertx, hosts, config.replicas().lagMax(), config.connectTimeout(), writable))
                .orElse(writable);
        this.pool = openIngest();
        this.controlPool = openControl();
        gauge(meters, "ingest", pool);
        gauge(meters, "control", controlPool);
    }

    /** For what writes batches, migrates tables and maintains them: no statement timeout, a COPY may take its time. */
    public Pool pool() {
        return pool;
    }

    /**
     * For everything else; statements end after {@link DatabaseConfig#statementTimeout}, and where PostgreSQL says nothing
     * for some seconds more, the connection is closed.
     */
    public Pool controlPool() {
        return controlPool;
    }

    /**
     * Calls back, on any thread, each time a new connection stands: behind it may be another database than before (a
     * restored one, a standby), so what was learned of the old one is to be forgotten.
     */
    public void onNewConnection(Runnable listener) {
        onNewConnection.add(listener);
    }

    /** Cuts a connection of one's own when another host takes writes than now, as those of the pools are. */
    public void cutOnMove(SqlConnection own) {
        var socket = openSockets.add(own);
        // It was in the making when another host was found.
        if (writable.isLeft(socket.server())) {
            socket.cut();
        }
    }

    /** For connections of one's own, beside the pools, such as one that listens or holds a lock: asked for each anew. */
    public Supplier<Future<PgConnectOptions>> connecting() {
        return writable;
    }

    /** The one host of it that takes writes now. */
    public Future<DatabaseAddress> writableAddress() {
        return writable.address();
    }

    /**
     * Makes a pool for those who only read, apart from the others: its connections can write nothing, and nothing is
     * learned through them that {@link #onNewConnection} would tell. They go to a replica where there is one that is fit.
     * Closed with the rest.
     *
     * @param statementTimeout after which PostgreSQL ends a query; where it says nothing for some seconds more, the
     *     connection is closed
     */
    public Pool readPool(String name, int size, Duration statementTimeout) {
        UnaryOperator<PgConnectOptions> options = where -> options(where, name, statementTimeout)
                .addProperty("default_transaction_read_only", "on")
                // Statements over many columns take longer to compile than to run.
                .addProperty("jit", "off")
                // The values say which partitions are read: a plan without them would open, or at least lock, them all.
                .addProperty("plan_cache_mode", "force_custom_plan")
                .setPreparedStatementCacheSqlFilter(sql -> sql.length() <= READ_SQL_CHARACTERS_MAX)
                .setPreparedStatementCacheSqlLimit(READ_SQL_CHARACTERS_MAX)
                .setPreparedStatementCacheMaxSize(READ_STATEMENTS_MAX);
        int silence = silenceMillis(statementTimeout);
        var pooled = pooledForLessThan(silence, name, size)
                .setMaxLifetime(READ_LIFE_SECONDS)
                .setMaxLifetimeUnit(SECONDS);
        var made = builder(readable, options, pooled, endsInSilence(silence))
                .withConnectHandler(this::keep)
                .using(vertx)
                .build();
        readPools.add(made);
        gauge(meters, name, made);
        return made;
    }

    public Future<Void> close() {
        return Future.join(Stream.concat(Stream.of(pool, controlPool), readPools.stream())
                        .map(Pool::close)
                        .toList())
                .mapEmpty();
    }

    private PgConnectOptions options(PgConnectOptions where, String name, Duration statementTimeout) {
        return where.addProperty("application_name", "pganalytics " + name)
                .addProperty("statement_timeout", Long.toString(statementTimeout.toMillis()))
                .addProperty(
                        "idle_in_transaction_session_timeout",
                        Long.toString(config.idleInTransactionTimeout().toMillis()))
                .setCachePreparedStatements(true);
    }

    /** A primary that stands still says nothing either: what asks through this pool then asks another one in time. */
    private Pool openControl() {
        int silence = silenceMillis(config.statementTimeout());
        return builder(
                        writable,
                        where -> options(where, "control", config.statementTimeout()),
                        pooledForLessThan(silence, "control", config.controlPoolSize()),
                        endsInSilence(silence))
                .withConnectHandler(this::greet)
                .using(vertx)
                .build();
    }

    private static int silenceMillis(Duration statementTimeout) {
        return (int) statementTimeout.plus(SILENCE_BEYOND).toMillis();
    }

    /** Given up before the silence would end it: what is asked for must not be about to close. */
    private PoolOptions pooledForLessThan(int silenceMillis, String name, int size) {
        return pooled(name, size).setIdleTimeout(silenceMillis / 2).setIdleTimeoutUnit(MILLISECONDS);
    }

    private NetClientOptions endsInSilence(int silenceMillis) {
        return socket().setIdleTimeout(silenceMillis).setIdleTimeoutUnit(MILLISECONDS);
    }

    /** Only a handshake ends in silence: a primary that stands still in the middle of one would keep the place for ever. */
    private Pool openIngest() {
        var handshake = endsInSilence((int) config.connectTimeout().toMillis());
        return builder(
                        writable,
                        where -> options(where, "ingest", Duration.ZERO),
                        pooled("ingest", config.poolSize()),
                        handshake)
                .withConnectHandler(this::greetForGood)
                .using(vertx)
                .build();
    }

    private ClientBuilder<Pool> builder(
            Supplier<Future<PgConnectOptions>> host,
            UnaryOperator<PgConnectOptions> options,
            PoolOptions pooled,
            NetClientOptions socket) {
        return PgBuilder.pool()
                .with(pooled)
                .with(socket)
                .connectingTo(() -> host.get().<SqlConnectOptions>map(options::apply));
    }

    private PoolOptions pooled(String name, int size) {
        return new PoolOptions()
                .setName("pganalytics-" + name)
                .setMaxSize(size)
                .setMaxWaitQueueSize(config.waitQueueMax())
                .setConnectionTimeout((int) config.connectTimeout().toMillis())
                .setConnectionTimeoutUnit(MILLISECONDS);
    }

    private NetClientOptions socket() {
        return new NetClientOptions()
                .setConnectTimeout((int) config.connectTimeout().toMillis())
                .setTcpKeepAlive(true);
    }

    /** Of a reader: on a standby, perhaps, and cut all the same, to be made anew where reading is best by then. */
    private void keep(SqlConnection connection) {
        openSockets.add(connection);
        connection.close();
    }

    private void greetForGood(SqlConnection connection) {
        DriverSocket.of(connection).mayBeSilent();
        greet(connection);
    }

    private void greet(SqlConnection connection) {
        cutOnMove(connection);
        onNewConnection.forEach(Runnable::run);
        connection.close();
    }

    private static void gauge(MeterRegistry meters, String name, Pool pool) {
        Gauge.builder("pganalytics.database.pool.connections", pool, Pool::size)
                .description("connections that stand")
                .tag("pool", name)
                .register(meters);
    }
}
