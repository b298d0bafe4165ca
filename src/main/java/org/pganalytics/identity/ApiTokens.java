package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Permission;
import org.pganalytics.model.Role;
import org.pganalytics.secrets.RandomSecrets;

/** Keeps the API tokens of people and services: makes, lists and revokes them; each change with its audit row. */
public final class ApiTokens {
    /** Where the database tells that a token, or what its owner may do, changed. */
    public static final String CHANNEL = "pganalytics_token";

    /** Most tokens of services that hold at once. */
    public static final int SERVICES_MAX = 200;

    /** Lets a person, and whoever scans for leaked secrets, see what a token is. */
    static final String PREFIX = "pgapi_";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final String OWNER =
            "SELECT name, role FROM person WHERE id = $1 AND disabled_at IS NULL FOR NO KEY UPDATE";
    // "pgapis" in ASCII: services have no row of their own that could be locked.
    private static final String SERVICES = "SELECT pg_advisory_xact_lock(x'706761706973'::bigint)";
    private static final String HOLDING = """
            SELECT count(*) AS holding, coalesce(bool_or(name = $2), false) AS taken FROM api_token
            WHERE person IS NOT DISTINCT FROM $1 AND revoked_at IS NULL AND ends_at > now()
            """;
    private static final String PUT = """
            INSERT INTO api_token AS t (hash, name, person, scopes, created_by, ends_at) VALUES ($1, $2, $3, $4, $5, $6)
            RETURNING %s
            """.formatted(ApiToken.COLUMNS);
    private static final String LIST = """
            SELECT %s FROM api_token t WHERE $1::uuid IS NULL OR t.person = $1
            ORDER BY t.revoked_at IS NOT NULL, t.ends_at < now(), t.created_at DESC, t.id LIMIT 1000
            """.formatted(ApiToken.COLUMNS);
    private static final String REVOKE = """
            UPDATE api_token t SET revoked_at = now()
            WHERE t.id = $1 AND ($2::uuid IS NULL OR t.person = $2) AND t.revoked_at IS NULL RETURNING %s
            """.formatted(ApiToken.COLUMNS);
    private static final String TRIM =
            "DELETE FROM api_token WHERE least(revoked_at, ends_at) < now() - interval '30 d'";

    private final Pool pool;
    private final RandomSecrets random;
    private final AuditTrail audit;
    private final IdentityConfig config;
    private final Clock clock;

    public ApiTokens(Pool pool, RandomSecrets random, AuditTrail audit, IdentityConfig config, Clock clock) {
        this.pool = pool;
        this.random = random;
        this.audit = audit;
        this.config = config;
        this.clock = clock;
    }

    /** What somebody wants. @param scopes what it may do, at most */
    public record Wish(String name, Set<Permission> scopes, Instant endsAt) {
        public Wish {
            scopes = Set.copyOf(scopes);
        }

        private String[] keys() {
            return scopes.stream().map(Permission::key).sorted().toArray(String[]::new);
        }
    }

    /** @param text the token, said this once */
    public record Made(ApiToken token, String text) {
        /** Never the token. */
        @Override
        public String toString() {
            return "Made[token=%s]".formatted(token);
        }
    }

    /** Who does it. @param name as the audit has them @param address empty on the server's machine */
    public record By(String name, String address) {}

    private record Owner(Optional<UUID> person, Optional<String> name) {}

    /** Fails with BAD_REQUEST for what cannot be had, and with CONFLICT when the name is taken or there are too many. */
    Future<Made> addOwn(UUID person, Wish wish, By by) {
        return changing(tx -> checked(wish)
                .compose(fine -> tx.preparedQuery(OWNER).execute(Tuple.of(person)))
                .compose(rows -> rows.size() == 1
                        ? owner(person, rows.iterator().next(), wish)
                        : Future.failedFuture(Fault.UNAUTHENTICATED.because("the session is over; sign in again")))
                .compose(owner -> room(tx, owner, wish, config.tokensMax(), "identity.tokens-max")
                        .compose(free -> put(tx, owner, wish, by))));
    }

    /** The same for a service, which has no role: it may what the scopes say. */
    public Future<Made> addService(Wish wish, By by) {
        var owner = new Owner(Optional.empty(), Optional.empty());
        return changing(tx -> checked(wish)
                .compose(fine -> tx.query(SERVICES).execute())
                .compose(locked -> room(tx, owner, wish, SERVICES_MAX, "of services"))
                .compose(free -> put(tx, owner, wish, by)));
    }

    /** What may be asked without asking the database. */
    private Future<Void> checked(Wish wish) {
        var now = clock.instant();
        if (!NAME.matcher(wish.name()).matches()) {
            return refused("a token's name is 1 to 63 of A-Z, a-z, 0-9, '.', '_', '-'; first a letter or digit");
        }
        if (wish.scopes().isEmpty()) {
            return refused("a token has at least one scope");
        }
        for (var scope : wish.scopes()) {
            if (!scope.isForTokens()) {
                return refused("no token may have the scope %s: for that, people sign in".formatted(scope.key()));
            }
        }
        if (!wish.endsAt().isAfter(now) || wish.endsAt().isAfter(now.plus(config.tokenLifetimeMax()))) {
            return refused("a token ends at most %d hours from now (identity.token-lifetime-max), and not before"
                    .formatted(config.tokenLifetimeMax().toHours()));
        }
        return Future.succeededFuture();
    }

    private static <T> Future<T> refused(String why) {
        return Future.failedFuture(Fault.BAD_REQUEST.because(why));
    }

    /** What somebody may not do today must not be what his token does after a promotion. */
    private static Future<Owner> owner(UUID person, Row row, Wish wish) {
        var role = Role.of(row.getString("role")).orElseThrow();
        for (var scope : wish.scopes()) {
            if (!role.may(scope)) {
                return refused("your role, %s, has no permission %s".formatted(role.key(), scope.key()));
            }
        }
        return Future.succeededFuture(new Owner(Optional.of(person), Optional.of(row.getString("name"))));
    }

    private static Future<Void> room(SqlConnection tx, Owner owner, Wish wish, int most, String what) {
        return tx.preparedQuery(HOLDING)
                .execute(Tuple.of(owner.person().orElse(null), wish.name()))
                .compose(rows -> {
                    var row = rows.iterator().next();
                    if (row.getBoolean("taken")) {
                        return Future.failedFuture(Fault.CONFLICT.because(
                                "a token '%s' holds already; revoke it first, or give another name"
                                        .formatted(wish.name())));
                    }
                    return row.getLong("holding") < most
                            ? Future.succeededFuture()
                            : Future.failedFuture(Fault.CONFLICT.because(
                                    "%d tokens hold already, the most there may be (%s); revoke one first"
                                            .formatted(row.getLong("holding"), what)));
                });
    }

    private Future<Made> put(SqlConnection tx, Owner owner, Wish wish, By by) {
        var text = PREFIX + random.next();
        return tx.preparedQuery(PUT)
                .execute(Tuple.tuple()
                        .addBuffer(Buffer.buffer(RandomSecrets.hash(text)))
                        .addString(wish.name())
                        .addUUID(owner.person().orElse(null))
                        .addArrayOfString(wish.keys())
                        .addString(by.name())
                        .addOffsetDateTime(wish.endsAt().atOffset(ZoneOffset.UTC)))
                .map(rows -> ApiToken.of(rows.iterator().next()))
                .compose(token -> audit(tx, by, "api-token.create", token).map(new Made(token, text)));
    }

    /** A person's, those that hold first; at most 1,000. */
    public Future<List<ApiToken>> listOwn(UUID person) {
        return listed(person);
    }

    /** Everybody's, those that hold first; at most 1,000. */
    public Future<List<ApiToken>> list() {
        return listed(null);
    }

    private Future<List<ApiToken>> listed(UUID person) {
        return pool.preparedQuery(LIST)
                .execute(Tuple.of(person))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(ApiToken::of)
                        .toList())
                .recover(People::refusal);
    }

    /** Fails with NOT_FOUND when this person has no such token that holds. */
    Future<ApiToken> revokeOwn(UUID person, UUID token, By by) {
        return revoked(token, person, by);
    }

    /** Anybody's. Fails with NOT_FOUND. */
    public Future<ApiToken> revoke(UUID token, By by) {
        return revoked(token, null, by);
    }

    private Future<ApiToken> revoked(UUID token, UUID person, By by) {
        return changing(tx -> tx.preparedQuery(REVOKE)
                .execute(Tuple.of(token, person))
                .compose(rows -> rows.size() == 1
                        ? Future.succeededFuture(ApiToken.of(rows.iterator().next()))
                        : Future.failedFuture(
                                Fault.NOT_FOUND.because("there is no token %s to revoke".formatted(token))))
                .compose(gone -> audit(tx, by, "api-token.revoke", gone).map(gone)));
    }

    /** Those that ended long ago; the audit still has them. */
    public Future<Void> trim() {
        return pool.query(TRIM).execute().mapEmpty();
    }

    private <T> Future<T> changing(java.util.function.Function<SqlConnection, Future<T>> change) {
        return pool.withTransaction(change).recover(ApiTokens::refusal);
    }

    private static <T> Future<T> refusal(Throwable failure) {
        return Future.failedFuture(
                failure instanceof FaultException
                        ? failure
                        : Fault.STORE_DOWN.because("API tokens cannot be reached at the moment", failure));
    }

    private Future<Void> audit(SqlConnection tx, By by, String action, ApiToken token) {
        var details = new JsonObject()
                .put("token", token.id())
                .put("scopes", String.join(" ", token.scopes()))
                .put("ends_at", token.endsAt().toString());
        var target = ApiToken.actor(token.owner(), token.name());
        return audit.add(tx, new AuditRecord(by.name(), action, target, AuditRecord.OK, by.address(), details));
    }
}
