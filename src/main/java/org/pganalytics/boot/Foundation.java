package org.pganalytics.boot;

import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.time.Clock;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.pganalytics.cluster.Leadership;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.database.Database;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.database.EmbeddedPostgres;
import org.pganalytics.database.PostgresArchive;
import org.pganalytics.database.Tier;
import org.pganalytics.http.Entrances;
import org.pganalytics.ingest.http.DoorTransport;
import org.pganalytics.schema.Migrator;
import org.pganalytics.tls.CertificateWatch;

/** What every room stands on: event loops, meters, and a database of this version. */
final class Foundation {
    private static final String UNNAMED_POOL = "__vertx.DEFAULT";
    private static final String REDIS = "redis";

    private final ServerConfig config;
    private final Vertx vertx;
    private final PrometheusMeterRegistry meters;
    private final Entrances entrances;
    private CertificateWatch certificates;
    private Optional<EmbeddedPostgres> embedded = Optional.empty();
    private boolean besideServer;
    private Database database;
    private Tier tier;

    private Foundation(ServerConfig config, Vertx vertx, PrometheusMeterRegistry meters, Entrances entrances) {
        this.config = config;
        this.vertx = vertx;
        this.meters = meters;
        this.entrances = entrances;
    }

    static Foundation of(ServerConfig config) {
        var meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        // Pools without a name are those of the demo's collector, which come and go with its connections.
        meters.config().meterFilter(MeterFilter.deny(id -> UNNAMED_POOL.equals(id.getTag("pool_name"))));
        // One comes with each client of Redis, and the room that has it counts by itself.
        meters.config().meterFilter(MeterFilter.deny(id -> REDIS.equals(id.getTag("pool_type"))));
        // The listeners are counted by their rooms; Vert.x would register the same gauge for each of them.
        var measured = new MicrometerMetricsOptions()
                .setEnabled(true)
                .setDisabledMetricsCategories(Set.of(
                        MetricsDomain.EVENT_BUS.toCategory(),
                        MetricsDomain.NET_CLIENT.toCategory(),
                        MetricsDomain.HTTP_CLIENT.toCategory(),
                        MetricsDomain.HTTP_SERVER.toCategory(),
                        MetricsDomain.NET_SERVER.toCategory(),
                        "sql",
                        REDIS))
                .setLabels(EnumSet.of(Label.POOL_TYPE, Label.POOL_NAME));
        var options =
                new VertxOptions().setEventLoopPoolSize(config.eventLoops()).setMetricsOptions(measured);
        var entrances = new Entrances();
        var vertx = Vertx.builder()
                .with(options)
                .withTransport(DoorTransport.ofSystem(entrances))
                .withMetrics(new MicrometerMetricsFactory(meters))
                .build();
        return new Foundation(config, vertx, meters, entrances);
    }

    /** Where a server runs already on the embedded database, this uses the same one and does not end it. */
    Foundation besideServer() {
        besideServer = true;
        return this;
    }

    /** Reads the authority's files: to be called once, before the first listener. */
    Future<CertificateWatch> openCertificates(Clock clock) {
        return vertx.executeBlocking(() -> CertificateWatch.open(vertx, config.certificates(), clock, meters))
                .onSuccess(opened -> certificates = opened);
    }

    CertificateWatch certificates() {
        return certificates;
    }

    /** Completes with what the migration did. */
    Future<Migrator.Outcome> open() {
        var replicas = vertx.executeBlocking(() -> config.database().replicaAddress());
        return locate().compose(where -> replicas.compose(others -> {
                    database = new Database(vertx, where, others, config.database(), meters);
                    return database.writableAddress();
                }))
                .compose(where ->
                        new Migrator(vertx, where.dataSource(config.database().connectTimeout())).migrate())
                .compose(outcome -> Tier.detect(
                                database.controlPool(), config.database().isEmbedded())
                        .onSuccess(found -> tier = found)
                        .map(outcome));
    }

    private Future<DatabaseAddress> locate() {
        if (!config.database().isEmbedded()) {
            return vertx.executeBlocking(() -> config.database().address());
        }
        if (besideServer) {
            var running = new PortsFile(config.dataDirectory()).ofRunningServer();
            if (running.isPresent()) {
                var url = DatabaseAddress.parse(running.get().getString("database_url"));
                return vertx.executeBlocking(
                        () -> EmbeddedPostgres.serverAddress(config.database().embedded(), url.port()));
            }
        }
        var postgres = new EmbeddedPostgres(vertx, config.database().embedded(), PostgresArchive.ofClassPath(), meters);
        embedded = Optional.of(postgres);
        return postgres.start().compose(started -> vertx.executeBlocking(postgres::serverAddress));
    }

    /** Closes the pools, then the embedded PostgreSQL. */
    Future<Void> close() {
        var pools = database == null ? Future.<Void>succeededFuture() : database.close();
        return pools.eventually(() -> embedded.map(EmbeddedPostgres::stop).orElse(Future.succeededFuture()));
    }

    /** The last of all, and nothing may be composed behind it: the event loops that would go on are gone. */
    Future<Void> closeEventLoops() {
        return vertx.close();
    }

    Vertx vertx() {
        return vertx;
    }

    /** Where every listener on these event loops puts its own. */
    Entrances entrances() {
        return entrances;
    }

    PrometheusMeterRegistry meters() {
        return meters;
    }

    Database database() {
        return database;
    }

    Tier tier() {
        return tier;
    }

    /** One that goes where the database is written to. @param work that one server at a time does */
    Leadership leadership(String work) {
        var leadership = new Leadership(vertx, database.connecting(), work, config.cluster());
        leadership.onConnection(database::cutOnMove);
        return leadership;
    }

    /** Empty with a configured database. */
    Optional<EmbeddedPostgres> embedded() {
        return embedded;
    }
}
