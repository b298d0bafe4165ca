package org.pganalytics.admission;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.secrets.Argon2;

/** Keeps the registration secrets: adds, lists, revokes; each change with its audit row. Only hashes are kept. */
public final class RegistrationSecrets {
    /** Name of the secret that the configuration gives. */
    public static final String CONFIG = "config";

    /** Most secrets that hold at once: a wrong one is tried against all of them. */
    public static final int HOLDING_MAX = 16;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    // "pgasecr" in ASCII: changes go one after the other, so that the maximum holds.
    private static final long CHANGING = 0x7067_6173_6563_72L;
    private static final String HOLDS = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())";
    private static final String COUNT =
            "SELECT count(*) AS holding FROM registration_secret WHERE name <> $1 AND " + HOLDS;
    private static final String PUT = """
            INSERT INTO registration_secret AS s (name, hash, expires_at) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at,
                created_at = now(), revoked_at = NULL
            WHERE $4 OR s.revoked_at IS NOT NULL OR s.expires_at <= now()
            RETURNING id
            """;
    private static final String REVOKE =
            "UPDATE registration_secret SET revoked_at = now() WHERE name = $1 AND revoked_at IS NULL RETURNING id";

    private final Pool pool;
    private final Argon2 argon2;
    private final AuditTrail audit;

    public RegistrationSecrets(Pool pool, Argon2 argon2, AuditTrail audit) {
        this.pool = pool;
        this.argon2 = argon2;
        this.audit = audit;
    }

    /** Those that hold and those that once did, by name; at most 1 000. */
    public Future<List<RegistrationSecret>> list() {
        return pool.query("SELECT %s FROM registration_secret ORDER BY name LIMIT 1000"
                        .formatted(RegistrationSecret.COLUMNS))
                .execute()
                .map(rows -> {
                    var secrets = new ArrayList<RegistrationSecret>();
                    rows.forEach(row -> secrets.add(RegistrationSecret.of(row)));
                    return List.copyOf(secrets);
                });
    }

    /**
     * Adds a secret; a name whose secret no longer holds can be used again. Fails with BAD_REQUEST.
     *
     * @param actor who does it, for the audit
     */
    public Future<Void> add(String name, String secret, Optional<Instant> expiresAt, String actor) {
        if (!NAME.matcher(name).matches() || name.equals(CONFIG)) {
            return Future.failedFuture(Fault.BAD_REQUEST.because(
                    "a registration secret's name is 1 to 63 of A-Z, a-z, 0-9, '.', '_', '-', and not 'config'"));
        }
        if (!RegistrationConfig.lengthAllowed(secret)) {
            return Future.failedFuture(Fault.BAD_REQUEST.because("a registration secret is %d to %d characters long"
                    .formatted(RegistrationConfig.SECRET_LENGTH_MIN, RegistrationConfig.SECRET_LENGTH_MAX)));
        }
        return argon2.hash(secret)
                .compose(hash -> pool.withTransaction(tx -> put(tx, name, hash, expiresAt, actor)))
                .recover(RegistrationSecrets::refusal);
    }

    /** Ends a secret at once, for all servers. Fails with NOT_FOUND when no such one holds. */
    public Future<Void> revoke(String name, String actor) {
        return pool.withTransaction(tx -> revoke(tx, name, actor)
                        .compose(revoked -> revoked
                                ? Future.<Void>succeededFuture()
                                : Future.failedFuture(Fault.NOT_FOUND.because(
                                        "there is no registration secret '%s' that holds".formatted(name)))))
                .recover(RegistrationSecrets::refusal);
    }

    /** Makes the configured secret the one named {@code config}, or revokes that one when none is configured. */
    public Future<Void> follow(RegistrationConfig config) {
        if (config.secret().isEmpty()) {
            return pool.withTransaction(tx -> revoke(tx, CONFIG, CONFIG)).mapEmpty();
        }
        var secret = config.secret().get();
        return pool.preparedQuery("SELECT hash FROM registration_secret WHERE name = $1 AND " + HOLDS)
                .execute(Tuple.of(CONFIG))
                .compose(rows -> rows.size() == 0
                        ? Future.succeededFuture(false)
                        : argon2.verify(secret, rows.iterator().next().getString("hash")))
                .compose(same -> same ? Future.succeededFuture() : putConfigured(secret));
    }

    private Future<Void> putConfigured(String secret) {
        return argon2.hash(secret)
                .compose(hash -> pool.withTransaction(tx -> put(tx, CONFIG, hash, Optional.empty(), CONFIG)));
    }

    private Future<Void> put(SqlConnection tx, String name, String hash, Optional<Instant> expiresAt, String actor) {
        var expires = expiresAt
                .map(at -> OffsetDateTime.ofInstant(at, ZoneOffset.UTC))
                .orElse(null);
        var details = new JsonObject().put("expires_at", expires == null ? "never" : expires.toString());
        return tx.preparedQuery("SELECT pg_advisory_xact_lock($1)")
                .execute(Tuple.of(CHANGING))
                .compose(locked -> tx.preparedQuery(COUNT).execute(Tuple.of(name)))
                .compose(rows -> rows.iterator().next().getLong("holding") < HOLDING_MAX
                        ? tx.preparedQuery(PUT).execute(Tuple.of(name, hash, expires, name.equals(CONFIG)))
                        : Future.failedFuture(Fault.BAD_REQUEST.because(
                                "%d registration secrets hold already; revoke one first".formatted(HOLDING_MAX))))
                .compose(rows -> rows.size() == 1
                        ? audit(tx, actor, "registration-secret.add", name, details)
                        : Future.failedFuture(Fault.BAD_REQUEST.because(
                                "a registration secret '%s' holds already; revoke it first".formatted(name))));
    }

    private Future<Boolean> revoke(SqlConnection tx, String name, String actor) {
        return tx.preparedQuery(REVOKE)
                .execute(Tuple.of(name))
                .compose(rows -> rows.size() == 0
                        ? Future.succeededFuture(false)
                        : audit(tx, actor, "registration-secret.revoke", name, new JsonObject())
                                .map(true));
    }

    private Future<Void> audit(SqlConnection tx, String actor, String action, String name, JsonObject details) {
        return audit.add(tx, new AuditRecord(actor, action, name, AuditRecord.OK, "", details));
    }

    private static <T> Future<T> refusal(Throwable failure) {
        return Future.failedFuture(
                failure instanceof FaultException
                        ? failure
                        : Fault.STORE_DOWN.because("registration secrets cannot be changed at the moment", failure));
    }
}
