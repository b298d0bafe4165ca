package org.pganalytics.admission;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.secrets.Argon2;
import org.pganalytics.secrets.KeyedHash;

/**
 * Finds out which registration secret was presented. A right one is remembered, under a hash that only this process can
 * make, so that a fleet that registers at once costs one Argon2; that it still holds is asked of the database each time,
 * in the transaction that uses it. Thread-safe.
 */
final class SecretCheck {
    /** @param hash tells whether the name has had another secret since */
    record Named(int id, String name, String hash) {}

    private static final int REMEMBERED_MAX = 4 * RegistrationSecrets.HOLDING_MAX;
    private static final String HOLDING = """
            SELECT id, name, hash FROM registration_secret
            WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) ORDER BY id LIMIT %d
            """.formatted(RegistrationSecrets.HOLDING_MAX + 1);
    private static final String STILL_HOLDS = """
            SELECT 1 FROM registration_secret WHERE id = $1 AND hash = $2
            AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) FOR SHARE
            """;
    private static final String USED =
            "UPDATE registration_secret SET uses = uses + $2, last_used_at = now() WHERE id = $1";

    private final Pool pool;
    private final Argon2 argon2;
    private final KeyedHash memory;
    private final Timer checks;
    private final Map<String, Named> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Named> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };
    private final Map<String, Future<Named>> underWay = new ConcurrentHashMap<>();
    private final Map<Integer, AtomicLong> uses = new ConcurrentHashMap<>();

    SecretCheck(Pool pool, Argon2 argon2, KeyedHash memory, MeterRegistry registry) {
        this.pool = pool;
        this.argon2 = argon2;
        this.memory = memory;
        this.checks = registry.timer("pganalytics.admission.secret.checks");
    }

    /** Fails with UNAUTHENTICATED. A wrong secret is never remembered: it costs whoever tries it the limit. */
    Future<Named> find(String secret) {
        if (secret == null || !RegistrationConfig.lengthAllowed(secret)) {
            return Future.failedFuture(wrong());
        }
        var key = memory.of(secret);
        synchronized (remembered) {
            var named = remembered.get(key);
            if (named != null) {
                return Future.succeededFuture(named);
            }
        }
        // Those who present the same one meanwhile wait for the same answer, each on its own event loop.
        var promise = Promise.<Named>promise();
        var first = underWay.putIfAbsent(key, promise.future());
        if (first != null) {
            return onThisContext(first);
        }
        tryAll(key, secret).onComplete(done -> {
            underWay.remove(key);
            promise.handle(done);
        });
        return promise.future();
    }

    private static Future<Named> onThisContext(Future<Named> elsewhere) {
        var context = Vertx.currentContext();
        if (context == null) {
            return elsewhere;
        }
        var here = Promise.<Named>promise();
        elsewhere.onComplete(done -> context.runOnContext(run -> here.handle(done)));
        return here.future();
    }

    /** Whether it holds, in the transaction given; a revocation waits for the transaction's end. */
    Future<Void> confirm(SqlConnection tx, Named named) {
        return tx.preparedQuery(STILL_HOLDS)
                .execute(Tuple.of(named.id(), named.hash()))
                .compose(rows -> rows.size() == 1 ? Future.succeededFuture() : forget(named));
    }

    void used(Named named) {
        uses.computeIfAbsent(named.id(), first -> new AtomicLong()).incrementAndGet();
    }

    /** Writes how often each was used; what cannot be written is counted with the next. */
    Future<Void> writeUses() {
        var writes = new ArrayList<Future<Void>>();
        uses.forEach((id, count) -> {
            long used = count.getAndSet(0);
            if (used > 0) {
                writes.add(pool.preparedQuery(USED)
                        .execute(Tuple.of(id, used))
                        .<Void>mapEmpty()
                        .onFailure(failure -> count.addAndGet(used))
                        .otherwiseEmpty());
            }
        });
        return Future.join(writes).mapEmpty();
    }

    private Future<Named> tryAll(String key, String secret) {
        var sample = Timer.start();
        return pool.query(HOLDING)
                .execute()
                .compose(rows -> {
                    var candidates = new ArrayList<Named>();
                    rows.forEach(row -> candidates.add(
                            new Named(row.getInteger("id"), row.getString("name"), row.getString("hash"))));
                    return firstMatch(candidates, 0, secret);
                })
                .compose(match -> match.map(Future::succeededFuture).orElseGet(() -> Future.failedFuture(wrong())))
                .onSuccess(named -> {
                    synchronized (remembered) {
                        remembered.put(key, named);
                    }
                })
                .onComplete(done -> sample.stop(checks));
    }

    private Future<Optional<Named>> firstMatch(List<Named> candidates, int at, String secret) {
        if (at == candidates.size()) {
            return Future.succeededFuture(Optional.empty());
        }
        var candidate = candidates.get(at);
        return argon2.verify(secret, candidate.hash())
                .compose(matches -> matches
                        ? Future.succeededFuture(Optional.of(candidate))
                        : firstMatch(candidates, at + 1, secret));
    }

    private Future<Void> forget(Named named) {
        synchronized (remembered) {
            remembered.values().removeIf(named::equals);
        }
        return Future.failedFuture(wrong());
    }

    private static FaultException wrong() {
        return Fault.UNAUTHENTICATED.because("the registration secret is wrong, expired or revoked");
    }
}
