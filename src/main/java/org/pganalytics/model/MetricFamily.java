package org.pganalytics.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A declaration from {@code conf/families}: drives the collector's SQL, the wire schema, the table and its retention.
 *
 * @param schema name and columns
 * @param title one line for people
 * @param kind what its table is
 * @param scope where its SQL runs
 * @param interval between two collections; more than 0
 * @param retention how long rows are kept; for a dictionary, how long after a text was last sent
 * @param statements the SQL by server version; versions do not overlap; none when the source needs no SQL
 * @param dictionaryOf for a dictionary: the family whose {@code dictionaryKey} values it explains; else null
 * @param dictionaryKey for a dictionary: an int8 column of both families; {@code $1::int8[]} in its SQL; else null
 * @param reading where its rows come from, and which of them are sent
 * @param seriesMax most series a collector may create in a day, 0 for any number; empty for what the server is configured
 *     with
 */
public record MetricFamily(
        FamilySchema schema,
        String title,
        Kind kind,
        Scope scope,
        Duration interval,
        Duration retention,
        List<VersionedSql> statements,
        String dictionaryOf,
        String dictionaryKey,
        Reading reading,
        OptionalInt seriesMax) {

    /** What the family's table is. */
    public enum Kind {
        /** One row an observation, partitioned by time. */
        SAMPLES,
        /** One row a (target, key), kept once: texts that samples refer to. */
        DICTIONARY
    }

    /** Where the family's SQL runs. */
    public enum Scope {
        /** Once a server, in the target's main database. */
        CLUSTER,
        /** In every watched database of the target. */
        DATABASE
    }

    /** Who gives the family's rows. */
    public enum Source {
        /** A PostgreSQL server, asked by the family's SQL. */
        SQL,
        /** The machine that the agent runs on; only for targets that are on it. */
        HOST,
        /** A PgBouncer, asked by the family's SHOW command. */
        PGBOUNCER,
        /** The agent itself, about its work at a target. */
        AGENT,
        /** Collectors of version 3 only; our agent leaves it out. */
        V3;

        /** Whether its families declare what to ask. */
        public boolean asks() {
            return this == SQL || this == PGBOUNCER;
        }
    }

    /** Which of the rows read are sent. */
    public enum Sending {
        ALL,
        /**
         * Those that are new, or whose counters changed since they were last sent; without counters, those of which any
         * column changed. An absent row has not moved. Every so often, and whenever the server may lack rows, all are
         * sent.
         */
        MOVED
    }

    /**
     * @param sending which rows
     * @param fullEvery with {@link Sending#MOVED}: how often all rows are sent, more than 0
     */
    public record Reading(Source source, Sending sending, Duration fullEvery) {
        public static final Reading USUAL = new Reading(Source.SQL, Sending.ALL, Duration.ofHours(1));
    }

    /**
     * @param fromMajor first PostgreSQL major version it is for
     * @param toMajor last one; {@link Integer#MAX_VALUE} when open
     * @param extension the extension it needs, or null
     * @param sql one SELECT; every column of the schema by name, a missing one is NULL
     */
    public record VersionedSql(int fromMajor, int toMajor, String extension, String sql) {
        public boolean isFor(int major) {
            return fromMajor <= major && major <= toMajor;
        }
    }

    public MetricFamily {
        statements = List.copyOf(statements);
    }

    /** A family that says nothing of how many series it may have. */
    public MetricFamily(
            FamilySchema schema,
            String title,
            Kind kind,
            Scope scope,
            Duration interval,
            Duration retention,
            List<VersionedSql> statements,
            String dictionaryOf,
            String dictionaryKey,
            Reading reading) {
        this(
                schema,
                title,
                kind,
                scope,
                interval,
                retention,
                statements,
                dictionaryOf,
                dictionaryKey,
                reading,
                OptionalInt.empty());
    }

    /** A family that is read by SQL and sent whole. */
    public MetricFamily(
            FamilySchema schema,
            String title,
            Kind kind,
            Scope scope,
            Duration interval,
            Duration retention,
            List<VersionedSql> statements,
            String dictionaryOf,
            String dictionaryKey) {
        this(schema, title, kind, scope, interval, retention, statements, dictionaryOf, dictionaryKey, Reading.USUAL);
    }

    /** The same with another number of series. */
    public MetricFamily with(OptionalInt otherSeriesMax) {
        return new MetricFamily(
                schema,
                title,
                kind,
                scope,
                interval,
                retention,
                statements,
                dictionaryOf,
                dictionaryKey,
                reading,
                otherSeriesMax);
    }

    public String name() {
        return schema.family();
    }

    public Optional<VersionedSql> statementFor(int major) {
        return statements.stream().filter(statement -> statement.isFor(major)).findFirst();
    }
}
