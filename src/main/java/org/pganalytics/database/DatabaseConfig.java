package org.pganalytics.database;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.pganalytics.fault.Limit;
import org.pganalytics.fault.WrongValueException;

/**
 * Where the data goes, and how many ways lead there.
 *
 * @param url libpq URI, of several hosts of one cluster the one that takes writes is used; empty for the embedded PostgreSQL
 * @param user overrides the one in the URL; empty for none
 * @param password overrides the one in the URL; empty for none
 * @param passfile file in libpq's form where the password is looked up when there is none yet; null for none
 * @param poolSize connections that write batches, 2 to 200; default 4
 * @param controlPoolSize connections for everything else, 1 to 100; default 4
 * @param waitQueueMax most requests waiting for a connection, beyond it they fail at once, 1 to 100000; default 1000
 * @param connectTimeout longest wait for a connection, 100 ms to 5 min; default 5 s
 * @param statementTimeout longest run of one statement other than those that write batches, 100 ms to 1 h; default 30 s
 * @param idleInTransactionTimeout after which PostgreSQL ends a transaction we forgot, 1 s to 1 h; default 1 min
 * @param replicas standbys that answer questions
 * @param embedded used when the URL is empty
 */
public record DatabaseConfig(
        String url,
        String user,
        String password,
        Path passfile,
        int poolSize,
        int controlPoolSize,
        int waitQueueMax,
        Duration connectTimeout,
        Duration statementTimeout,
        Duration idleInTransactionTimeout,
        ReplicaConfig replicas,
        EmbeddedPostgresConfig embedded) {
    private static final Duration SHORTEST = Duration.ofMillis(100);

    public DatabaseConfig {
        Limit.between("database.pool-size", poolSize, 2, 200);
        Limit.between("database.control-pool-size", controlPoolSize, 1, 100);
        Limit.between("database.wait-queue-max", waitQueueMax, 1, 100_000);
        Limit.between("database.connect-timeout", connectTimeout, SHORTEST, Duration.ofMinutes(5));
        Limit.between("database.statement-timeout", statementTimeout, SHORTEST, Duration.ofHours(1));
        Limit.between(
                "database.idle-in-transaction-timeout",
                idleInTransactionTimeout,
                Duration.ofSeconds(1),
                Duration.ofHours(1));
        requireUsable("database.url", url, "for the embedded PostgreSQL");
    }

    /** Not shown as it is: what is malformed may hold a password anywhere. */
    static void requireUsable(String setting, String url, String meaningOfNone) {
        if (url.isEmpty()) {
            return;
        }
        try {
            DatabaseAddress.parse(url);
        } catch (IllegalArgumentException wrong) {
            throw new WrongValueException(
                    setting,
                    "a URL that cannot be used (not shown, it may hold a password): " + wrong.getMessage(),
                    "one such as %s, or \"\" %s".formatted(DatabaseUrl.EXAMPLE, meaningOfNone));
        }
    }

    /** The defaults, for this URL. */
    public static DatabaseConfig of(String url, EmbeddedPostgresConfig embedded) {
        return new DatabaseConfig(
                url,
                "",
                "",
                null,
                4,
                4,
                1_000,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofMinutes(1),
                ReplicaConfig.none(),
                embedded);
    }

    public boolean isEmbedded() {
        return url.isEmpty();
    }

    /** Where the configured database is; blocking when there is a passfile. Not for the embedded one. */
    public DatabaseAddress address() {
        return complete(DatabaseAddress.parse(url));
    }

    /** Where its standbys for readers are; blocking when there is a passfile. */
    public Optional<DatabaseAddress> replicaAddress() {
        return replicas.url().isEmpty()
                ? Optional.empty()
                : Optional.of(complete(DatabaseAddress.parse(replicas.url())));
    }

    private DatabaseAddress complete(DatabaseAddress address) {
        var known = address.as(user, password);
        return passfile == null ? known : known.withPassfile(passfile);
    }

    /** Never the password. */
    @Override
    public String toString() {
        return "DatabaseConfig[%s]".formatted(isEmbedded() ? "embedded" : DatabaseAddress.parse(url));
    }
}
