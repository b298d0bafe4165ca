package org.pganalytics.audit.chain;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.cluster.ClusterConfig;
import org.pganalytics.cluster.Leadership;
import org.pganalytics.database.TestDatabase;

/** A server's audit on a real database: writes events, seals them when told to, and verifies. */
final class ChainHouse implements AutoCloseable {
    static final Duration NEVER = Duration.ofMinutes(1);
    private static final SecureRandom RANDOM = new SecureRandom();

    final Vertx vertx = Vertx.vertx();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Path checkpoints;
    final AuditKeys keys;
    final Pool pool;
    final NewEvents events;
    final Sealer sealer;
    private final TestDatabase database;
    final LateClock clock = new LateClock();

    /** With keys of its own in a directory that is empty. */
    static ChainHouse create(TestDatabase database, Path directory) throws IOException {
        return new ChainHouse(database, AuditKeyFile.create(directory.resolve("keys"), RANDOM), directory, NEVER);
    }

    ChainHouse(TestDatabase database, AuditKeys keys, Path directory, Duration every) {
        this.database = database;
        this.keys = keys;
        this.checkpoints = directory.resolve("checkpoints");
        this.pool = database.pool(vertx, 4);
        this.events = new NewEvents(new Prover(Optional.of(keys), RANDOM));
        var cluster = new ClusterConfig(
                Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(20));
        var leadership = new Leadership(vertx, database.connecting(), "audit", cluster);
        this.sealer = new Sealer(
                leadership,
                keys,
                new Sealer.Settings(Optional.of(new CheckpointFile(checkpoints)), every, Duration.ofDays(90)),
                clock,
                meters);
        done(vertx.deployVerticle(sealer));
    }

    /** Goes right, but may be set back. */
    static final class LateClock extends Clock {
        volatile Duration behind = Duration.ZERO;

        @Override
        public Instant instant() {
            return Instant.now().minus(behind);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    static <T> T done(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    NewEvents.Happened happened(String actor, String action, int number) {
        var details =
                new JsonObject().put("n", number).put("share", 0.1 * number).put("text", "ä\"\\/€" + number);
        return new NewEvents.Happened(
                clock.instant(), new AuditRecord(actor, action, "t" + number, "ok", "192.0.2.7", details), details);
    }

    /** Writes so many events and seals them. */
    ChainHouse sealed(int count) {
        write(count);
        seal();
        return this;
    }

    void write(int count) {
        done(events.add(
                pool,
                IntStream.rangeClosed(1, count)
                        .mapToObj(number -> happened("person:ann", "thing.change", number))
                        .toList()));
    }

    void seal() {
        done(sealer.seal());
    }

    void stopSealing() {
        done(vertx.undeploy(vertx.deploymentIDs().iterator().next()));
    }

    Verdict verify() {
        return verify(OutsideCheckpoints.none());
    }

    /** Compared with what was told outside. */
    Verdict verifyOutside() throws IOException {
        return verify(OutsideCheckpoints.read(List.of(checkpoints)));
    }

    private Verdict verify(OutsideCheckpoints outside) {
        return verify(new ChainVerifier(keys, outside, Optional.empty()));
    }

    Verdict verifyAccepting(Instant unprovenUntil) {
        return verify(new ChainVerifier(keys, OutsideCheckpoints.none(), Optional.of(unprovenUntil)));
    }

    private Verdict verify(ChainVerifier verifier) {
        return done(ChainAudit.verify(vertx, pool, verifier));
    }

    /** Takes it along and verifies it there. */
    Verdict verifyExport(Path file, AuditKeys withKeys) throws IOException {
        done(ChainAudit.export(vertx, pool, file));
        return ChainAudit.verify(
                file, new ChainVerifier(withKeys, OutsideCheckpoints.read(List.of(checkpoints)), Optional.empty()));
    }

    static void assertBad(String expected, Verdict verdict) {
        assertTrue(verdict.bad().orElse("clean").contains(expected), verdict::toString);
    }

    long idAt(long position) {
        return database.number("SELECT event_id FROM audit_seal WHERE position = " + position);
    }

    /** As one who may do anything in the database, past every trigger. */
    void bend(String sql) {
        database.executeAsSuperuser("SET session_replication_role = replica; " + sql);
    }

    @Override
    public void close() {
        done(vertx.close());
    }
}
