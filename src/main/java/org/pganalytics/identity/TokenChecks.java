package org.pganalytics.identity;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Permission;
import org.pganalytics.model.Principal;
import org.pganalytics.model.Role;
import org.pganalytics.secrets.RandomSecrets;

/**
 * Says whose API token somebody shows, and what it may do now.
 *
 * <p>The truth is the database; what it said is believed for {@code identity.token-staleness-max} from the moment on when
 * it was asked, and never past the token's own end. {@link #forget} shortens that when a notice came, nothing lengthens it:
 * while the database is away, nobody is let in for longer. What is refused is never remembered. Thread-safe.
 */
public final class TokenChecks {
    /** When so many are known, all are forgotten and asked for anew. */
    private static final int KNOWN_MAX = 10_000;

    private static final int LENGTH_MAX = 100;
    private static final String FIND = """
            SELECT t.id, t.name, t.scopes, p.name AS owner, p.role,
                CASE WHEN t.revoked_at IS NOT NULL THEN 'was revoked' WHEN t.ends_at <= now() THEN 'has expired'
                    WHEN p.disabled_at IS NOT NULL THEN 'belongs to somebody who is disabled' END AS void,
                floor(extract(epoch FROM least(t.ends_at - now(), interval '1 d')) * 1000)::bigint AS left_millis,
                t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute' AS unnoted
            FROM api_token t LEFT JOIN person p ON p.id = t.person WHERE t.hash = $1
            """;
    /** Of servers that see it at once one notes it. */
    private static final String USED = """
            UPDATE api_token SET last_used_at = now()
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
            """;

    private final Pool pool;
    private final AuditTrail audit;
    private final Duration staleness;
    private final LongSupplier nanoClock;
    private final Counter lookUps;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();

    /** @param untilNanos when to ask again */
    private record Known(Principal principal, long untilNanos) {}

    /** @param nanoClock monotonic time in nanoseconds */
    public TokenChecks(
            Pool pool, AuditTrail audit, IdentityConfig config, LongSupplier nanoClock, MeterRegistry registry) {
        this.pool = pool;
        this.audit = audit;
        this.staleness = config.tokenStalenessMax();
        this.nanoClock = nanoClock;
        this.lookUps = registry.counter("pganalytics.identity.token.lookups");
        registry.gauge("pganalytics.identity.tokens.known", known, Map::size);
    }

    static boolean mayBe(String token) {
        return token.startsWith(ApiTokens.PREFIX);
    }

    /** Believes nothing any more: something changed, or may have. */
    public void forget() {
        // First, so that an answer on its way from before is not kept after.
        changes.incrementAndGet();
        known.clear();
    }

    /** Fails with UNAUTHENTICATED when the token does not hold; one that once did is told to the audit. */
    Future<Principal> find(String token, String address) {
        if (token.length() > LENGTH_MAX) {
            return Future.failedFuture(unknown());
        }
        var hash = RandomSecrets.hash(token);
        var key = HexFormat.of().formatHex(hash);
        long now = nanoClock.getAsLong();
        var held = known.get(key);
        return held != null && held.untilNanos() - now > 0
                ? Future.succeededFuture(held.principal())
                : ask(hash, key, now, address).recover(People::refusal);
    }

    private Future<Principal> ask(byte[] hash, String key, long began, String address) {
        long before = changes.get();
        lookUps.increment();
        return pool.preparedQuery(FIND).execute(Tuple.of(Buffer.buffer(hash))).compose(rows -> {
            if (rows.size() == 0) {
                return Future.failedFuture(unknown());
            }
            var row = rows.iterator().next();
            if (row.getString("void") != null) {
                return refused(row, address);
            }
            var left = Duration.ofMillis(row.getLong("left_millis"));
            var principal = principal(row);
            keep(
                    key,
                    new Known(principal, began + (left.compareTo(staleness) < 0 ? left : staleness).toNanos()),
                    before);
            return row.getBoolean("unnoted")
                    ? pool.preparedQuery(USED)
                            .execute(Tuple.of(row.getUUID("id")))
                            .map(principal)
                    : Future.succeededFuture(principal);
        });
    }

    private void keep(String key, Known fresh, long before) {
        if (known.size() >= KNOWN_MAX) {
            known.clear();
        }
        known.put(key, fresh);
        if (changes.get() != before) {
            known.remove(key, fresh);
        }
    }

    private static Principal principal(Row row) {
        var owner = Optional.ofNullable(row.getString("owner"));
        var role = Optional.ofNullable(row.getString("role"))
                .map(key -> Role.of(key).orElseThrow());
        return Principal.token(ApiToken.actor(owner, row.getString("name")), role, permissions(row, role));
    }

    /** A scope that this version does not know, or would not give, opens nothing. */
    private static Set<Permission> permissions(Row row, Optional<Role> role) {
        var may = EnumSet.noneOf(Permission.class);
        for (var scope : row.getArrayOfStrings("scopes")) {
            Permission.of(scope)
                    .filter(Permission::isForTokens)
                    .filter(one -> role.map(owners -> owners.may(one)).orElse(true))
                    .ifPresent(may::add);
        }
        return may;
    }

    /** What cannot be told to the audit is not answered either. */
    private Future<Principal> refused(Row row, String address) {
        var why = row.getString("void");
        UUID id = row.getUUID("id");
        var actor = ApiToken.actor(Optional.ofNullable(row.getString("owner")), row.getString("name"));
        var details = new JsonObject().put("token", id).put("reason", why);
        var record = new AuditRecord(actor, "api-token.refuse", actor, Fault.UNAUTHENTICATED.name(), address, details);
        return pool.withTransaction(tx -> audit.add(tx, record))
                .compose(told -> Future.failedFuture(Fault.UNAUTHENTICATED.because("this API token " + why)));
    }

    private static FaultException unknown() {
        return Fault.UNAUTHENTICATED.because("this is no API token that holds; who signs in makes one");
    }
}
