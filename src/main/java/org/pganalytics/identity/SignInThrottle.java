package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.http.Origin;

/**
 * Slows down who guesses the password of a name, on all servers together. From one network: five at once, then a second's
 * wait, twice that, and so on up to a minute. From all of them: a hundred at once, then up to ten seconds' wait, so that
 * neither a stranger alone keeps the owner out, nor many guess as much as they like. A name that nobody has is treated like
 * any other.
 */
final class SignInThrottle {
    /** After so many failures f.last_at is to be so long ago. */
    private static final String WAIT = """
            CASE WHEN f.failures < %1$d THEN interval '0'
                ELSE least(power(2, least(f.failures, %1$d + 6) - %1$d), %2$d) * interval '1 s' END
            """;

    private static final String WAIT_HERE = WAIT.formatted(5, 60);
    private static final String WAIT_EVERYWHERE = WAIT.formatted(100, 10);

    /**
     * Counted before the password is looked at, else many at once were all the first. By the clock of the moment: who had to
     * wait for another's row began before that one was counted.
     */
    private static final String COUNT = """
            ON CONFLICT (%s) DO UPDATE SET
                failures = CASE WHEN f.last_at < now() - interval '1 d' THEN 1 ELSE f.failures + 1 END,
                last_at = clock_timestamp()
            WHERE f.last_at + %s <= clock_timestamp()
            RETURNING f.name
            """;

    private static final String TAKE_HERE = """
            INSERT INTO sign_in_failure_from AS f (name, network, failures, last_at)
            VALUES ($1, $2, 1, clock_timestamp())
            """ + COUNT.formatted("name, network", WAIT_HERE);
    private static final String TAKE_EVERYWHERE = """
            INSERT INTO sign_in_failure AS f (name, failures, last_at) VALUES ($1, 1, clock_timestamp())
            """ + COUNT.formatted("name", WAIT_EVERYWHERE);
    private static final String LEFT = """
            SELECT ceil(extract(epoch FROM coalesce(greatest(
                (SELECT f.last_at + %s FROM sign_in_failure_from f WHERE f.name = $1 AND f.network = $2),
                (SELECT f.last_at + %s FROM sign_in_failure f WHERE f.name = $1)), now()) - now()) * 1000)::bigint AS millis
            """.formatted(WAIT_HERE, WAIT_EVERYWHERE);
    private static final String CLEAR_HERE = "DELETE FROM sign_in_failure_from WHERE name = $1 AND network = $2";
    private static final String CLEAR_FROM = "DELETE FROM sign_in_failure_from WHERE name = $1";
    private static final String CLEAR_EVERYWHERE = "DELETE FROM sign_in_failure WHERE name = $1";
    private static final String TRIM_HERE = "DELETE FROM sign_in_failure_from WHERE last_at < now() - interval '1 d'";
    private static final String TRIM_EVERYWHERE = "DELETE FROM sign_in_failure WHERE last_at < now() - interval '1 d'";
    private static final Duration RETRY_MIN = Duration.ofMillis(100);

    private final Pool pool;

    SignInThrottle(Pool pool) {
        this.pool = pool;
    }

    /** Counts a try in both places, or in neither. Fails with RATE_LIMITED, with when to come again. */
    Future<Void> take(String name, String address) {
        var here = Tuple.of(name, Origin.network(address));
        return pool.withTransaction(
                        tx -> taken(tx, TAKE_HERE, here).compose(mayHere -> taken(tx, TAKE_EVERYWHERE, Tuple.of(name))))
                .recover(failure ->
                        Fault.of(failure) == Fault.RATE_LIMITED ? notYet(here) : Future.failedFuture(failure));
    }

    private static Future<Void> taken(SqlConnection tx, String take, Tuple where) {
        return tx.preparedQuery(take)
                .execute(where)
                .compose(rows -> rows.size() == 1 ? Future.succeededFuture() : Future.failedFuture(tooMany()));
    }

    private Future<Void> notYet(Tuple here) {
        return pool.preparedQuery(LEFT).execute(here).compose(rows -> {
            var left = Duration.ofMillis(rows.iterator().next().getLong("millis"));
            return Future.failedFuture(tooMany().retryAfter(left.compareTo(RETRY_MIN) < 0 ? RETRY_MIN : left));
        });
    }

    private static FaultException tooMany() {
        return Fault.RATE_LIMITED.because("too many wrong passwords for this name; come again later");
    }

    /** The right one was said there; what others tried from elsewhere is still theirs. */
    static Future<Void> clear(SqlClient client, String name, String address) {
        return client.preparedQuery(CLEAR_HERE)
                .execute(Tuple.of(name, Origin.network(address)))
                .compose(cleared -> client.preparedQuery(CLEAR_EVERYWHERE).execute(Tuple.of(name)))
                .mapEmpty();
    }

    /** There is another one. */
    static Future<Void> clearAll(SqlClient client, String name) {
        return client.preparedQuery(CLEAR_FROM)
                .execute(Tuple.of(name))
                .compose(cleared -> client.preparedQuery(CLEAR_EVERYWHERE).execute(Tuple.of(name)))
                .mapEmpty();
    }

    Future<Void> trim() {
        return pool.query(TRIM_HERE)
                .execute()
                .compose(trimmed -> pool.query(TRIM_EVERYWHERE).execute())
                .mapEmpty();
    }
}
