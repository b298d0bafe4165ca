package org.pganalytics.admission;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.cluster.Members;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fleet.Collectors;

/** One server's admission on a real database, for tests; several on one database are several servers. */
final class Office implements AutoCloseable {
    static final String ADDRESS = "2001:db8::1";
    static final String SECRET = "correct horse battery";

    final Vertx vertx = Vertx.vertx();
    final Bus bus = new Bus(vertx);
    final List<Event> events = new CopyOnWriteArrayList<>();
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final Pool pool;
    final Admission admission;
    final Doorkeeper doorkeeper;
    final Collectors collectors;

    static Office open(TestDatabase database) {
        return open(database, config(Duration.ofHours(1)), Optional.of(SECRET));
    }

    static Office open(TestDatabase database, V3TokensConfig v3) {
        var office = new Office(database, config(Duration.ofHours(1)), v3);
        await(office.admission.open(new RegistrationConfig(Optional.of(SECRET))));
        return office;
    }

    static Office open(TestDatabase database, AdmissionConfig config, Optional<String> secret) {
        var office = new Office(database, config, V3TokensConfig.defaults());
        await(office.admission.open(new RegistrationConfig(secret)));
        return office;
    }

    private Office(TestDatabase database, AdmissionConfig config, V3TokensConfig v3) {
        pool = database.pool(vertx, 8);
        var audit = new AuditTrail();
        admission = new Admission(
                new Admission.Surroundings(vertx, pool, bus, audit, Optional.<Members>empty(), registry),
                config,
                v3,
                Clock.systemUTC(),
                new SecureRandom());
        doorkeeper = admission.doorkeeper();
        collectors = new Collectors(pool, audit, bus);
        bus.on(Event.CollectorRegistered.class, events::add);
        bus.on(Event.CollectorRevoked.class, events::add);
        bus.on(Event.StrangerRefused.class, events::add);
        bus.on(Event.BatchRefused.class, events::add);
    }

    /** Limits as shipped, with polls and key reloads fast enough for a test. */
    static AdmissionConfig config(Duration lifetime) {
        var shipped = AdmissionConfig.defaults();
        return new AdmissionConfig(
                shipped.collector(),
                shipped.server(),
                shipped.strangers(),
                new AdmissionConfig.Tokens(lifetime, Duration.ofMillis(100), 1_000),
                1_000,
                Duration.ofSeconds(2),
                Duration.ofSeconds(60));
    }

    Registration register() {
        return await(doorkeeper.register(SECRET, "db-one", "4.0.0", ADDRESS));
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new CompletionException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException("no answer within 30 s", e);
        }
    }

    /** The fault that a future must end with. */
    static Fault faultOf(Future<?> future) {
        return await(future.<Fault>map(done -> null).otherwise(Fault::of));
    }

    @Override
    public void close() {
        await(admission.close().compose(closed -> pool.close()).compose(closed -> vertx.close()));
    }
}
