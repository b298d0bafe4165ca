package org.pganalytics.database;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.Locale;
import org.pganalytics.fault.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the database can do, as it says itself.
 *
 * @param serverVersion such as {@code 17.11}
 * @param timescaleVersion such as {@code 2.19.3}; empty without the extension
 */
public record Tier(Kind kind, int serverMajor, String serverVersion, String timescaleVersion) {
    public static final int SERVER_MAJOR_MIN = 15;
    private static final Logger LOG = LoggerFactory.getLogger(Tier.class);

    /** From the least to the most able. */
    public enum Kind {
        /** Our own PostgreSQL: native partitions. */
        EMBEDDED,
        /** PostgreSQL without TimescaleDB: native partitions. */
        PLAIN,
        /** TimescaleDB under the Apache licence, or before 2.18: hypertables, dropped by our own schedule. */
        TIMESCALE,
        /** TimescaleDB under its community licence: hypertables with a columnstore. */
        TIMESCALE_COMMUNITY
    }

    private static final String ASK = """
            SELECT current_setting('server_version_num')::int / 10000 AS major,
                   split_part(current_setting('server_version'), ' ', 1) AS version,
                   coalesce((SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'), '') AS timescale,
                   coalesce(current_setting('timescaledb.license', true), '') = 'timescale'
                       AND EXISTS (SELECT FROM pg_proc WHERE proname = 'add_columnstore_policy') AS columnstore
            """;

    /** Loaded (it has settings) and installable, but not yet part of this database. */
    private static final String LOADED_ONLY = """
            SELECT EXISTS (SELECT FROM pg_settings WHERE name LIKE 'timescaledb.%')
                AND EXISTS (SELECT FROM pg_available_extensions
                            WHERE name = 'timescaledb' AND installed_version IS NULL)
            """;

    /** Asks the database; takes TimescaleDB where it is loaded; refuses a database that is too old. */
    public static Future<Tier> detect(SqlClient client, boolean embedded) {
        return takeTimescale(client).compose(taken -> ask(client, embedded));
    }

    private static Future<Void> takeTimescale(SqlClient client) {
        return client.query(LOADED_ONLY)
                .execute()
                .compose(rows -> rows.iterator().next().getBoolean(0)
                        ? client.query("CREATE EXTENSION IF NOT EXISTS timescaledb")
                                .execute()
                                .onFailure(failure -> LOG.warn(
                                        "TimescaleDB is loaded but not in this database, and we may not create the"
                                                + " extension ({}): going on without it",
                                        failure.getMessage()))
                                .otherwiseEmpty()
                        : Future.succeededFuture())
                .mapEmpty();
    }

    private static Future<Tier> ask(SqlClient client, boolean embedded) {
        return client.query(ASK).execute().map(rows -> of(rows.iterator().next(), embedded));
    }

    private static Tier of(Row row, boolean embedded) {
        int major = row.getInteger("major");
        if (major < SERVER_MAJOR_MIN) {
            throw Fault.STORE_DOWN.because(
                    "the database is PostgreSQL %s: version %d or later is needed, upgrade it or set another database.url"
                            .formatted(row.getString("version"), SERVER_MAJOR_MIN));
        }
        String timescale = row.getString("timescale");
        return new Tier(
                kind(embedded, timescale, row.getBoolean("columnstore")), major, row.getString("version"), timescale);
    }

    private static Kind kind(boolean embedded, String timescale, boolean columnstore) {
        if (embedded) {
            return Kind.EMBEDDED;
        }
        if (timescale.isEmpty()) {
            return Kind.PLAIN;
        }
        return columnstore ? Kind.TIMESCALE_COMMUNITY : Kind.TIMESCALE;
    }

    public boolean hasHypertables() {
        return kind == Kind.TIMESCALE || kind == Kind.TIMESCALE_COMMUNITY;
    }

    /** For logs and people, such as {@code timescale, PostgreSQL 17.11, TimescaleDB 2.19.3}. */
    @Override
    public String toString() {
        return "%s, PostgreSQL %s%s"
                .formatted(
                        kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        serverVersion,
                        timescaleVersion.isEmpty() ? "" : ", TimescaleDB " + timescaleVersion);
    }
}
