package org.pganalytics.boot;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.Pool;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.pganalytics.admission.Admission;
import org.pganalytics.admission.SecretRoutes;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.database.Database;
import org.pganalytics.database.Durability;
import org.pganalytics.fleet.CollectorRoutes;
import org.pganalytics.fleet.ProfileReading;
import org.pganalytics.fleet.ProfileRoutes;
import org.pganalytics.fleet.TargetRoutes;
import org.pganalytics.fleet.Whereabouts;
import org.pganalytics.http.Contract;
import org.pganalytics.http.ContractRoutes;
import org.pganalytics.http.Origin;
import org.pganalytics.identity.OutsidePasswords;
import org.pganalytics.identity.SessionCookie;
import org.pganalytics.identity.SignIn;
import org.pganalytics.identity.TokenChecks;
import org.pganalytics.identity.federation.SignInCookie;
import org.pganalytics.ingest.BodyDecoder;
import org.pganalytics.ingest.QuarantinedBodies;
import org.pganalytics.ingest.http.ClientAddress;
import org.pganalytics.model.Principal;
import org.pganalytics.model.Role;
import org.pganalytics.ops.IngestPulse;
import org.pganalytics.query.CardinalityRoutes;
import org.pganalytics.query.FamilyRoutes;
import org.pganalytics.query.StatusRoutes;
import org.pganalytics.secrets.Envelope;
import org.pganalytics.secrets.RandomSecrets;
import org.pganalytics.storage.Quarantine;
import org.pganalytics.storage.QuarantineReplay;
import org.pganalytics.storage.QuarantineRoutes;
import org.pganalytics.storage.Tables;
import org.pganalytics.storage.series.SeriesLimits;

/** The API for people and programs: each room's answers to the operations of the contract. */
final class Api {
    private static final long DURABILITY_PATIENCE_MILLIS = 2_000;

    private final Contract contract;
    private final ServerConfig config;
    private final Behind behind;
    private final Clock clock;
    private final RandomSecrets random = new RandomSecrets(new SecureRandom());
    private final AuditTrail audit;
    private final Identity identity;
    private final TokenChecks tokens;
    private final Pool reading;
    private final IngestPulse pulse;
    private Future<Durability> durability = Future.failedFuture("not asked yet");

    /** What it leads to. */
    record Behind(
            Vertx vertx,
            Database database,
            Tables tables,
            SeriesLimits series,
            Admission admission,
            AuditTrail audit,
            Optional<Envelope> envelope,
            OutsidePasswords outside,
            Bus bus,
            ProfileReading profiles,
            Whereabouts whereabouts,
            MeterRegistry meters) {}

    Api(Contract contract, ServerConfig config, Behind behind, Clock clock) {
        this.contract = contract;
        this.config = config;
        this.behind = behind;
        this.clock = clock;
        this.audit = behind.audit();
        var query = config.query();
        this.reading = behind.database().readPool("query", query.poolSize(), query.statementTimeout());
        this.pulse = new IngestPulse(behind.bus(), System::nanoTime);
        this.identity = new Identity(
                new Identity.House(behind.vertx(), pool()), behind.envelope(), config.identity(), audit, clock);
        this.tokens = new TokenChecks(pool(), audit, config.identity(), System::nanoTime, behind.meters());
    }

    /** What the first start on this database tells. */
    Future<Identity.First> first() {
        return identity.first();
    }

    ContractRoutes routes(ClientAddress addresses) {
        var admission = behind.admission();
        var strangers = new SignIn.Strangers(admission.addresses()::check, admission.addresses()::failed);
        var routes = new ContractRoutes(
                contract,
                new SignIn(identity.tokens, tokens, identity.sessions, addresses::of, strangers, this::collector),
                ctx -> origin(ctx, addresses),
                config.api(),
                config.http().bodyTime(),
                answerTime());
        behind.bus().on(Event.TokensChanged.class, changed -> tokens.forget());
        identity.mount(routes, behind.vertx(), strangers, behind.outside());
        identity.mountReports(routes, config.audit().retention(), clock);
        new Providers(config, behind.vertx(), pool(), audit, clock).mount(routes, identity.sessions, strangers);
        new CollectorRoutes(pool(), audit, behind.bus(), behind.whereabouts()).mount(routes);
        new TargetRoutes(pool()).mount(routes);
        new SecretRoutes(admission.registrationSecrets(), random, clock).mount(routes);
        var quarantine = new Quarantine(pool(), audit);
        new QuarantineRoutes(
                        quarantine,
                        replay(
                                quarantine,
                                config,
                                behind.vertx(),
                                new Writing(behind.database().pool(), behind.tables(), behind.series(), behind.bus())))
                .mount(routes);
        new ProfileRoutes(pool(), audit, behind.profiles()).mount(routes);
        new FamilyRoutes(reading, config.query(), clock).mount(routes);
        new CardinalityRoutes(reading, config.query(), clock).mount(routes);
        new StatusRoutes(reading, config.query(), this::rates, this::durability, clock).mount(routes);
        return routes;
    }

    private static Origin origin(RoutingContext ctx, ClientAddress addresses) {
        var agent = ctx.request().getHeader(HttpHeaders.USER_AGENT);
        return new Origin(
                addresses.of(ctx),
                agent == null ? "" : agent,
                SessionCookie.of(ctx.request()),
                SignInCookie.of(ctx.request()));
    }

    /** An operation is two statements that take their time, at most, and a wait for a connection. */
    private Duration answerTime() {
        var database = config.database();
        return database.statementTimeout().multipliedBy(2).plus(database.connectTimeout());
    }

    private JsonObject rates() {
        var rates = pulse.rates();
        return new JsonObject()
                .put("rows_per_second", rates.rowsPerSecond())
                .put("batches_per_second", rates.batchesPerSecond())
                .put("refused_per_second", rates.refusedPerSecond())
                .put(
                        "ack_milliseconds",
                        rates.ackMilliseconds().isPresent()
                                ? rates.ackMilliseconds().getAsDouble()
                                : null);
    }

    private Future<JsonObject> durability() {
        return askedOnce()
                .timeout(DURABILITY_PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .map(known -> new JsonObject()
                        .put("synchronous_standbys", known.standbys())
                        .put("at_risk", known.atRisk().orElse(null)))
                .otherwise(failure -> new JsonObject()
                        .putNull("synchronous_standbys")
                        .put("at_risk", "the database that takes writes does not answer"));
    }

    /** Whoever asks while the database says nothing waits for one and the same answer. */
    private synchronized Future<Durability> askedOnce() {
        if (durability.isComplete()) {
            durability = Durability.of(pool());
        }
        return durability;
    }

    /** What rows are written with. */
    record Writing(Pool pool, Tables tables, SeriesLimits series, Bus bus) {}

    static QuarantineReplay replay(Quarantine quarantine, ServerConfig config, Vertx vertx, Writing writing) {
        var bodies = new QuarantinedBodies(new BodyDecoder(vertx, config.ingest()), config.ingest());
        var around = new QuarantineReplay.Surroundings(
                writing.pool(), writing.tables(), bodies, writing.series(), writing.bus(), Clock.systemUTC());
        return new QuarantineReplay(quarantine, config.storage(), around);
    }

    private Future<Principal> collector(String token) {
        return behind.admission()
                .doorkeeper()
                .authenticate(token)
                .map(known -> new Principal("collector:" + known.collector(), Role.COLLECTOR));
    }

    private Pool pool() {
        return behind.database().controlPool();
    }
}
