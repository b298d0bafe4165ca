package org.pganalytics.admission;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/**
 * Takes over collectors that an old backend registered, under the identity they have: once each, so that one that was
 * deleted here does not come back by its old token. Thread-safe.
 */
final class Adoptions {
    private static final int KNOWN_MAX = 100_000;
    private static final int NAME_LENGTH_MAX = 255;
    private static final String MARK =
            "INSERT INTO v3_adoption (collector_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING collector_id";
    private static final String ADD = """
            INSERT INTO collector (collector_id, name, agent_version) VALUES ($1, $2, '3') ON CONFLICT DO NOTHING
            RETURNING collector_id
            """;

    private final Pool pool;
    private final AuditTrail audit;
    private final Set<UUID> known;

    Adoptions(Pool pool, AuditTrail audit) {
        this.pool = pool;
        this.audit = audit;
        this.known = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<UUID, Boolean> eldest) {
                return size() > KNOWN_MAX;
            }
        }));
    }

    /**
     * Completes when the collector was taken over, now or earlier. Whether it is still there and not revoked is not
     * looked at.
     *
     * <p>Fails with UNAUTHENTICATED when another collector has that identity, and with STORE_DOWN.
     */
    Future<Void> ensure(LegacyTokens.Claims claims) {
        if (known.contains(claims.collector())) {
            return Future.succeededFuture();
        }
        return pool.withTransaction(tx -> tx.preparedQuery(MARK)
                        .execute(Tuple.of(claims.collector()))
                        .compose(marked -> marked.size() == 0 ? Future.<Void>succeededFuture() : add(tx, claims)))
                .onSuccess(adopted -> known.add(claims.collector()))
                .recover(failure -> Future.failedFuture(
                        failure instanceof FaultException
                                ? failure
                                : Fault.STORE_DOWN.because(
                                        "the collector cannot be looked up at the moment", failure)));
    }

    /** To be called for each new connection: the database behind it may be a restored one. */
    void forget() {
        known.clear();
    }

    private Future<Void> add(SqlConnection tx, LegacyTokens.Claims claims) {
        return tx.preparedQuery(ADD)
                .execute(Tuple.of(claims.collector(), name(claims)))
                .compose(added -> added.size() == 1
                        ? audit.add(tx, record(claims))
                        : Future.failedFuture(Fault.UNAUTHENTICATED.because(
                                "this identity belongs to a collector that registered here; register anew")));
    }

    private static String name(LegacyTokens.Claims claims) {
        var shown = claims.hostname().replaceAll("\\p{Cntrl}|\\p{Cs}", "?").strip();
        var name = shown.isEmpty() ? claims.collector().toString() : shown;
        return name.length() <= NAME_LENGTH_MAX ? name : name.substring(0, NAME_LENGTH_MAX);
    }

    private static AuditRecord record(LegacyTokens.Claims claims) {
        return new AuditRecord(
                "legacy-token",
                "collector.adopt",
                claims.collector().toString(),
                AuditRecord.OK,
                "",
                new JsonObject().put("name", name(claims)));
    }
}
