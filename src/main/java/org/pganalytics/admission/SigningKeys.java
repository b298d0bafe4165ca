package org.pganalytics.admission;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.pganalytics.fault.Fault;

/**
 * The keys that collector tokens are signed with, kept in the database so that every server has them. The first server
 * makes the first key. Thread-safe.
 */
final class SigningKeys {
    // "pgaskey" in ASCII: one server at a time makes the first key.
    private static final long MAKING = 0x7067_6173_6b65_79L;
    private static final int KEYS_MAX = 100;
    private static final String READ = """
            SELECT kid, public_key, private_key, retired_at IS NOT NULL AS retired
            FROM signing_key ORDER BY retired_at NULLS FIRST, created_at DESC, kid LIMIT $1
            """;
    private static final String ADD = "INSERT INTO signing_key (kid, public_key, private_key) VALUES ($1, $2, $3)";

    /** Keys by id, the one to sign with first. */
    private record Ring(Map<String, SigningKey> byKid) {
        Optional<SigningKey> signer() {
            return byKid.values().stream().filter(key -> !key.retired()).findFirst();
        }
    }

    private final Vertx vertx;
    private final Pool pool;
    private final SecureRandom random;
    private final LongSupplier nanoClock;
    private final long reloadNanos;
    private final AtomicLong loadedAt;
    private volatile Ring ring = new Ring(Map.of());
    private volatile boolean complete;

    SigningKeys(Vertx vertx, Pool pool, SecureRandom random, LongSupplier nanoClock, Duration reloadEvery) {
        this.vertx = vertx;
        this.pool = pool;
        this.random = random;
        this.nanoClock = nanoClock;
        this.reloadNanos = reloadEvery.toNanos();
        this.loadedAt = new AtomicLong(nanoClock.getAsLong() - reloadNanos);
    }

    /** Reads the keys, and makes the first one when there is none to sign with. */
    Future<Void> load() {
        loadedAt.set(nanoClock.getAsLong());
        return pool.withTransaction(tx -> tx.preparedQuery("SELECT pg_advisory_xact_lock($1)")
                        .execute(Tuple.of(MAKING))
                        .compose(locked -> read(tx))
                        .compose(read -> read.signer().isPresent() ? Future.succeededFuture(read) : make(tx)))
                .onSuccess(read -> {
                    ring = read;
                    complete = true;
                })
                .onFailure(failure -> complete = false)
                .mapEmpty();
    }

    /** Finds a key; one not known is looked for in the database, but not more often than the interval says. */
    Future<Optional<SigningKey>> find(String kid) {
        var key = ring.byKid.get(kid);
        if (key != null) {
            return Future.succeededFuture(Optional.of(key));
        }
        long last = loadedAt.get();
        if (nanoClock.getAsLong() - last < reloadNanos || !loadedAt.compareAndSet(last, nanoClock.getAsLong())) {
            return complete ? Future.succeededFuture(Optional.empty()) : Future.failedFuture(away(null));
        }
        return load().map(loaded -> Optional.ofNullable(ring.byKid.get(kid)))
                .recover(failure -> Future.failedFuture(away(failure)));
    }

    /** Looks for keys again at the next chance, as if nothing had been looked for. */
    void reload() {
        if (nanoClock.getAsLong() - loadedAt.get() >= reloadNanos) {
            // A failure leaves what is known, and the next unknown key tries again.
            load();
        }
    }

    SigningKey signer() {
        return ring.signer().orElseThrow(() -> away(null));
    }

    private static RuntimeException away(Throwable cause) {
        return Fault.STORE_DOWN.because("the signing keys cannot be read at the moment", cause);
    }

    private Future<Ring> read(SqlConnection tx) {
        return tx.preparedQuery(READ).execute(Tuple.of(KEYS_MAX)).map(this::ring);
    }

    private Ring ring(RowSet<Row> rows) {
        var keys = new LinkedHashMap<String, SigningKey>();
        for (var row : rows) {
            var kid = row.getString("kid");
            // A key that is known is kept: verifying by it is warm.
            var known = ring.byKid.get(kid);
            boolean retired = row.getBoolean("retired");
            keys.put(
                    kid,
                    known != null && known.retired() == retired
                            ? known
                            : SigningKey.of(
                                    vertx,
                                    kid,
                                    row.getBuffer("public_key").getBytes(),
                                    row.getBuffer("private_key").getBytes(),
                                    retired));
        }
        return new Ring(keys);
    }

    private Future<Ring> make(SqlConnection tx) {
        var pair = pair();
        var kid = "c-" + Long.toUnsignedString(random.nextLong(), 36);
        return tx.preparedQuery(ADD)
                .execute(Tuple.of(
                        kid,
                        Buffer.buffer(pair.getPublic().getEncoded()),
                        Buffer.buffer(pair.getPrivate().getEncoded())))
                .compose(added -> read(tx));
    }

    private KeyPair pair() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has the curve P-256", impossible);
        }
    }
}
