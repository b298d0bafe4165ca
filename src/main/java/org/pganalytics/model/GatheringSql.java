package org.pganalytics.model;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How columns are gathered in SQL: the same rules for those who make roll-ups and those who ask, so that an answer does not
 * depend on what it is read from.
 *
 * <p>Everything goes through pieces. A piece is a series at a time: a sample, or a row of a roll-up. It has the columns
 * {@code time}, {@link RollUp#SAMPLES}, the keys, and of the i-th of the other columns {@code :g<i>} (how much it grew), or
 * {@code :a<i>}, {@code :l<i>}, {@code :h<i>} and {@code :n<i>} (average, lowest, highest, and of how many), or
 * {@code :v<i>}. All that is not declared has a colon, which no declared column has.
 *
 * @param keys those that tell series apart
 * @param columns the others, in the order of their numbers
 * @param since the column by which a row tells since when its counters count, or null
 */
public record GatheringSql(List<Column> keys, List<Column> columns, Column since) {
    /** The column by which a row tells since when its counters count, where it has that name and is a time. */
    public static final String SINCE = "stats_since";

    public GatheringSql {
        keys = List.copyOf(keys);
        columns = List.copyOf(columns);
    }

    /** @param all the family's columns, whichever of them are gathered */
    public static GatheringSql of(List<Column> all, List<Column> gathered) {
        Optional<Column> since = all.stream()
                .filter(column -> column.name().equals(SINCE) && column.type() == ColumnType.TIMESTAMPTZ)
                .findFirst();
        return new GatheringSql(
                all.stream().filter(column -> column.role() == ColumnRole.KEY).toList(), gathered, since.orElse(null));
    }

    /** Whether any sample needs the one before it. */
    public boolean counts() {
        return columns.stream().anyMatch(column -> Gathering.of(column) == Gathering.RATE);
    }

    /** The keys and what follows them, as a list. */
    public String withKeys(Stream<String> others) {
        return Stream.concat(keys.stream().map(GatheringSql::quote), others).collect(Collectors.joining(", "));
    }

    /** What a piece has besides its time, of a sample; wants the window {@code series}. @param lookBack an interval */
    public Stream<String> ofSamples(String lookBack) {
        return Stream.concat(Stream.of("1 AS " + RollUp.SAMPLES), number(i -> ofSample(i, lookBack)));
    }

    /** The same of a row of a roll-up. */
    public Stream<String> ofRollUp() {
        return Stream.concat(Stream.of(RollUp.SAMPLES), number(this::ofRollUp));
    }

    /** A group of pieces: what is kept of each column, in the order of {@link RollUp#parts}. */
    public Stream<String> kept() {
        return number(i -> switch (Gathering.of(columns.get(i))) {
            case RATE -> "sum(\":g%d\")".formatted(i);
            case SPREAD -> """
                %1$s, nullif(min(":l%2$d"), %1$s), nullif(max(":h%2$d"), %1$s),
                nullif(sum(":n%2$d"), sum(%3$s))::int4""".formatted(average(i), i, RollUp.SAMPLES);
            case LAST -> last(i);
        });
    }

    /** A group of pieces: what is answered of each column. @param seconds that the group's collections cover */
    public Stream<String> answered(String seconds) {
        return number(i -> switch (Gathering.of(columns.get(i))) {
            case RATE -> "sum(\":g%1$d\") / nullif(%2$s, 0) AS \":rate%1$d\"".formatted(i, seconds);
            case SPREAD -> """
                %1$s AS ":avg%2$d", min(":l%2$d") AS ":min%2$d", max(":h%2$d") AS ":max%2$d\"""".formatted(average(i), i);
            case LAST -> "%s AS \":last%d\"".formatted(last(i), i);
        });
    }

    private Stream<String> number(java.util.function.IntFunction<String> sql) {
        return IntStream.range(0, columns.size()).mapToObj(sql);
    }

    private String ofSample(int i, String lookBack) {
        var name = quote(columns.get(i));
        return switch (Gathering.of(columns.get(i))) {
            case RATE -> "%s AS \":g%d\"".formatted(grown(name, lookBack), i);
            case SPREAD -> """
                %1$s::float8 AS ":a%2$d", %1$s::float8 AS ":l%2$d", %1$s::float8 AS ":h%2$d",
                (%1$s IS NOT NULL)::int AS ":n%2$d\"""".formatted(name, i);
            case LAST -> "%s AS \":v%d\"".formatted(name, i);
        };
    }

    /**
     * What a counter grew by since the sample before. One that fell began again from 0; so did one whose row says so, as
     * that of a statement that was evicted and has come back: it may have overtaken what it was. Where no sample is near
     * enough before it, nobody knows.
     */
    private String grown(String name, String lookBack) {
        var begun = since == null ? "false" : "%1$s > lag(%1$s) OVER series".formatted(quote(since));
        return """
                CASE WHEN time - lag(time) OVER series > %3$s OR lag(%1$s) OVER series IS NULL THEN NULL
                     WHEN %2$s THEN %1$s::float8
                     WHEN %1$s >= lag(%1$s) OVER series AND lag(%1$s) OVER series >= 0
                         THEN (%1$s - lag(%1$s) OVER series)::float8
                     WHEN %1$s >= lag(%1$s) OVER series THEN %1$s::float8 - (lag(%1$s) OVER series)::float8
                     ELSE %1$s::float8 END""".formatted(name, begun, lookBack);
    }

    /** One from before the family had the column knows of no sample that had a value. */
    private String ofRollUp(int i) {
        var column = columns.get(i);
        return switch (Gathering.of(column)) {
            case RATE -> "%s AS \":g%d\"".formatted(RollUp.part(column, "grown"), i);
            case SPREAD ->
                """
                %1$s AS ":a%5$d", coalesce(%2$s, %1$s) AS ":l%5$d", coalesce(%3$s, %1$s) AS ":h%5$d",
                CASE WHEN %1$s IS NULL THEN 0 ELSE coalesce(%4$s, %6$s) END AS ":n%5$d\"""".formatted(
                                RollUp.part(column, "avg"),
                                RollUp.part(column, "min"),
                                RollUp.part(column, "max"),
                                RollUp.part(column, "n"),
                                i,
                                RollUp.SAMPLES);
            case LAST -> "%s AS \":v%d\"".formatted(RollUp.part(column, "last"), i);
        };
    }

    private static String average(int i) {
        return "(sum(\":a%1$d\" * \":n%1$d\") / nullif(sum(\":n%1$d\"), 0))".formatted(i);
    }

    private static String last(int i) {
        return "(array_agg(\":v%1$d\" ORDER BY time DESC) FILTER (WHERE \":v%1$d\" IS NOT NULL))[1]".formatted(i);
    }

    private static String quote(Column column) {
        return '"' + column.name() + '"';
    }
}
