package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.pganalytics.fault.Fault;

/**
 * Slows down who guesses the password of one name, on all servers together: five at once, then a second's wait, twice that,
 * and so on up to a minute. A name that nobody has is treated like any other.
 */
final class SignInThrottle {
    private static final String WAIT = """
            CASE WHEN failures < 5 THEN interval '0' ELSE least(power(2, least(failures, 11) - 5), 60) * interval '1 s' END
            """;
    /** Counted before the password is looked at, else many at once were all the first. */
    private static final String TAKE = """
            INSERT INTO sign_in_failure AS f (name, failures, last_at) VALUES ($1, 1, now())
            ON CONFLICT (name) DO UPDATE SET
                failures = CASE WHEN f.last_at < now() - interval '1 d' THEN 1 ELSE f.failures + 1 END,
                last_at = now()
            WHERE f.last_at + %s <= now()
            RETURNING name
            """.formatted(WAIT.replace("failures", "f.failures"));

    private static final String LEFT = """
            SELECT ceil(extract(epoch FROM last_at + %s - now()) * 1000)::bigint AS millis
            FROM sign_in_failure WHERE name = $1
            """.formatted(WAIT);
    private static final String CLEAR = "DELETE FROM sign_in_failure WHERE name = $1";
    private static final String TRIM = "DELETE FROM sign_in_failure WHERE last_at < now() - interval '1 d'";

    private final Pool pool;

    SignInThrottle(Pool pool) {
        this.pool = pool;
    }

    /** Fails with RATE_LIMITED, with when to come again. */
    Future<Void> take(String name) {
        return pool.preparedQuery(TAKE)
                .execute(Tuple.of(name))
                .compose(taken -> taken.size() == 1 ? Future.succeededFuture() : tooMany(name));
    }

    private Future<Void> tooMany(String name) {
        return pool.preparedQuery(LEFT).execute(Tuple.of(name)).compose(rows -> {
            long millis =
                    rows.size() == 0 ? 0 : Math.max(0, left(rows.iterator().next()));
            return Future.failedFuture(Fault.RATE_LIMITED
                    .because("too many wrong passwords for this name; come again later")
                    .retryAfter(Duration.ofMillis(Math.max(100, millis))));
        });
    }

    private static long left(Row row) {
        return row.getLong("millis");
    }

    /** The right one was said, or there is another. */
    static Future<Void> clear(SqlClient client, String name) {
        return client.preparedQuery(CLEAR).execute(Tuple.of(name)).mapEmpty();
    }

    Future<Void> trim() {
        return pool.query(TRIM).execute().mapEmpty();
    }
}
