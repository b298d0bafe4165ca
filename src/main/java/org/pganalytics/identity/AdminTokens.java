package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Principal;
import org.pganalytics.model.Role;
import org.pganalytics.secrets.RandomSecrets;

/** Keeps the admin tokens: makes, lists, finds and revokes them; each change with its audit row. Only hashes are kept. */
public final class AdminTokens {
    /** Name of the token that is made at the first start. */
    public static final String BOOTSTRAP = "bootstrap";

    /** Most tokens that hold at once. */
    public static final int HOLDING_MAX = 64;

    /** Lets a person, and whoever scans for leaked secrets, see what a token is. */
    private static final String PREFIX = "pgadm_";

    private static final int LENGTH_MAX = 100;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    // "pgaadm" in ASCII: changes go one after the other, so that there is one bootstrap and the maximum holds.
    private static final long CHANGING = 0x7067_6161_646dL;
    private static final String COUNT = """
            SELECT count(*) AS ever, count(*) FILTER (WHERE revoked_at IS NULL) AS holding FROM admin_token
            """;
    private static final String PUT = """
            INSERT INTO admin_token AS t (name, hash) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE
                SET hash = excluded.hash, created_at = now(), revoked_at = NULL, last_used_at = NULL
            WHERE t.revoked_at IS NOT NULL
            RETURNING id
            """;
    private static final String LIST =
            "SELECT %s FROM admin_token ORDER BY name LIMIT 1000".formatted(AdminToken.COLUMNS);
    private static final String REVOKE =
            "UPDATE admin_token SET revoked_at = now() WHERE name = $1 AND revoked_at IS NULL RETURNING id";
    private static final String FIND = """
            SELECT name, last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS unnoted
            FROM admin_token WHERE hash = $1 AND revoked_at IS NULL
            """;
    private static final String USED = "UPDATE admin_token SET last_used_at = now() WHERE name = $1";

    private final Pool pool;
    private final RandomSecrets random;
    private final AuditTrail audit;

    public AdminTokens(Pool pool, RandomSecrets random, AuditTrail audit) {
        this.pool = pool;
        this.random = random;
        this.audit = audit;
    }

    /** Makes the first token, when there never was one; of servers that start side by side one does. */
    public Future<Optional<String>> bootstrap() {
        return changing(tx -> count(tx)
                .compose(counted -> counted.ever() > 0
                        ? Future.succeededFuture(Optional.<String>empty())
                        : put(tx, BOOTSTRAP, "first start").map(Optional::of)));
    }

    /**
     * Makes a token and returns it, this once; the name of one that was revoked can be used again. Fails with BAD_REQUEST.
     *
     * @param actor who does it, for the audit
     */
    public Future<String> add(String name, String actor) {
        if (!NAME.matcher(name).matches()) {
            return Future.failedFuture(Fault.BAD_REQUEST.because(
                    "an admin token's name is 1 to 63 of A-Z, a-z, 0-9, '.', '_', '-'; first a letter or digit"));
        }
        return changing(tx -> count(tx)
                .compose(counted -> counted.holding() < HOLDING_MAX
                        ? put(tx, name, actor)
                        : Future.failedFuture(Fault.BAD_REQUEST.because(
                                "%d admin tokens hold already; revoke one first".formatted(HOLDING_MAX)))));
    }

    /** Ends a token at once, for all servers. Fails with NOT_FOUND when no such one holds. */
    public Future<Void> revoke(String name, String actor) {
        return changing(tx -> tx.preparedQuery(REVOKE)
                .execute(Tuple.of(name))
                .compose(rows -> rows.size() == 1
                        ? audit(tx, actor, "admin-token.revoke", name)
                        : Future.failedFuture(
                                Fault.NOT_FOUND.because("there is no admin token '%s' that holds".formatted(name)))));
    }

    /** Those that hold and those that once did, by name; at most 1 000. */
    public Future<List<AdminToken>> list() {
        return pool.query(LIST)
                .execute()
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(AdminToken::of)
                        .toList())
                .recover(AdminTokens::refusal);
    }

    /** Fails with UNAUTHENTICATED when the token is not one that holds. */
    public Future<Principal> find(String token) {
        if (!token.startsWith(PREFIX) || token.length() > LENGTH_MAX) {
            return Future.failedFuture(unknown());
        }
        return pool.preparedQuery(FIND)
                .execute(Tuple.of(hash(token)))
                .compose(rows -> {
                    if (rows.size() == 0) {
                        return Future.failedFuture(unknown());
                    }
                    var row = rows.iterator().next();
                    var found = new Principal("admin:" + row.getString("name"), Role.ADMIN);
                    return row.getBoolean("unnoted")
                            ? pool.preparedQuery(USED)
                                    .execute(Tuple.of(row.getString("name")))
                                    .map(found)
                            : Future.succeededFuture(found);
                })
                .recover(AdminTokens::refusal);
    }

    private static FaultException unknown() {
        return Fault.UNAUTHENTICATED.because(
                "this is no admin token that holds; 'pganalytics admin-token new' makes one");
    }

    private record Counted(long ever, long holding) {}

    private static Future<Counted> count(SqlConnection tx) {
        return tx.query(COUNT).execute().map(rows -> {
            var row = rows.iterator().next();
            return new Counted(row.getLong("ever"), row.getLong("holding"));
        });
    }

    private <T> Future<T> changing(java.util.function.Function<SqlConnection, Future<T>> change) {
        return pool.withTransaction(tx -> tx.preparedQuery("SELECT pg_advisory_xact_lock($1)")
                        .execute(Tuple.of(CHANGING))
                        .compose(locked -> change.apply(tx)))
                .recover(AdminTokens::refusal);
    }

    private Future<String> put(SqlConnection tx, String name, String actor) {
        var token = PREFIX + random.next();
        return tx.preparedQuery(PUT)
                .execute(Tuple.of(name, hash(token)))
                .compose(rows -> rows.size() == 1
                        ? audit(tx, actor, "admin-token.new", name).map(token)
                        : Future.failedFuture(Fault.BAD_REQUEST.because(
                                "an admin token '%s' holds already; revoke it first, or give another name"
                                        .formatted(name))));
    }

    private Future<Void> audit(SqlConnection tx, String actor, String action, String name) {
        return audit.add(tx, new AuditRecord(actor, action, name, AuditRecord.OK, "", new JsonObject()));
    }

    private static Buffer hash(String token) {
        return Buffer.buffer(RandomSecrets.hash(token));
    }

    private static <T> Future<T> refusal(Throwable failure) {
        return Future.failedFuture(
                failure instanceof FaultException
                        ? failure
                        : Fault.STORE_DOWN.because("admin tokens cannot be reached at the moment", failure));
    }
}
