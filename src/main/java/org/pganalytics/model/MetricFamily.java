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
 * @param rolledUp whether it shall have roll-ups, if it has anything to roll up
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
        boolean rolledUp,
        OptionalInt seriesMax) {
    private static final Duration LOOK_BACK_MIN = Duration.ofMinutes(15);

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

    /** A family that is rolled up, and says nothing of how many series it may have. */
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
                true,
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
                rolledUp,
                otherSeriesMax);
    }

    public String name() {
        return schema.family();
    }

    /** As an agent has it, to whom it is nothing what becomes of its rows. */
    public MetricFamily forAgents() {
        return new MetricFamily(
                schema, title, kind, scope, interval, retention, statements, dictionaryOf, dictionaryKey, reading);
    }

    /** Whether it has roll-ups: samples with anything in them to add up. */
    public boolean rollsUp() {
        return rolledUp
                && kind == Kind.SAMPLES
                && schema.columns().stream()
                        .anyMatch(column -> column.role() != ColumnRole.KEY && Gathering.of(column) != Gathering.LAST);
    }

    /**
     * How far back the sample before may lie from which a counter grew. Long enough for an agent that keeps to its CPU
     * budget, which stretches intervals up to 20 times, and where only rows that moved are sent for all to have been sent; a
     * gap that is longer is charged to no time.
     */
    public Duration lookBack() {
        var some = interval.multipliedBy(25);
        var late = some.compareTo(LOOK_BACK_MIN) > 0 ? some : LOOK_BACK_MIN;
        return sendsSome() ? late.plus(reading.fullEvery()) : late;
    }

    /**
     * How much is rolled up at once. Where an absent row has not moved, the sample before is looked for in more than an hour
     * of rows, which is to be worth it.
     */
    public Duration rollUpEvery() {
        return Duration.ofMinutes(sendsSome() ? 5 : 1);
    }

    /** Collectors of version 3 send when they please. */
    private boolean sendsSome() {
        return reading.sending() == Sending.MOVED || reading.source() == Source.V3;
    }

    public Optional<VersionedSql> statementFor(int major) {
        return statements.stream().filter(statement -> statement.isFor(major)).findFirst();
    }
}
