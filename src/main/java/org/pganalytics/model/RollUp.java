package org.pganalytics.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The roll-ups of a family's samples: what their tables and columns are called.
 *
 * <p>A row is a series in a minute or an hour: {@code time} (when it begins), {@code target_id}, the keys, and of every
 * other column its parts. No declared column can be called like one of them: they have a colon.
 */
public final class RollUp {
    /** How many samples a row stands for. */
    public static final String SAMPLES = "\":samples\"";
    /** Microseconds that the collections of the whole family cover in the row's time; the same in each row of it. */
    public static final String COVERED = "\":covered\"";

    /** PostgreSQL cuts longer names. */
    private static final int NAME_MAX = 63;

    private static final Map<Gathering, List<String>> PARTS = Map.of(
            Gathering.RATE, List.of("grown"),
            Gathering.SPREAD, List.of("avg", "min", "max", "n"),
            Gathering.LAST, List.of("last"));

    private RollUp() {}

    /** How long a row's time is. */
    public enum Level {
        MINUTE("minute", Duration.ofMinutes(1)),
        /** For the ends of long ranges: what is no whole hour would else be up to 59 minutes at each of them. */
        TEN("ten", Duration.ofMinutes(10)),
        HOUR("hour", Duration.ofHours(1));

        private final String word;
        private final Duration length;

        Level(String word, Duration length) {
            this.word = word;
            this.length = length;
        }

        public String schema() {
            return "metrics_" + word;
        }

        public Duration length() {
            return length;
        }

        /** As the tables of what is to be done spell it. */
        public String word() {
            return word;
        }

        /** A family's table; its name needs no quotes by the rules of {@link Names}. */
        public String table(String family) {
            return schema() + "." + family;
        }
    }

    /** A column of a roll-up's table. @param name quoted */
    public record Part(String name, String sqlType) {}

    /**
     * What is kept of a column that is no key.
     *
     * <p>{@code min} and {@code max} are null where they are the average, {@code n} where it is {@link #SAMPLES}: most are,
     * and a null takes no room.
     */
    public static List<Part> parts(Column column) {
        var gathering = Gathering.of(column);
        return PARTS.get(gathering).stream()
                .map(part -> new Part(part(column, part), type(column, gathering, part)))
                .toList();
    }

    /** The quoted name of one of a column's parts. */
    public static String part(Column column, String part) {
        var name = column.name() + ":" + part;
        if (name.length() > NAME_MAX) {
            // Cut, two long names could be one; the hash of the whole tells them apart.
            var hash = Integer.toHexString(column.name().hashCode());
            name = column.name().substring(0, NAME_MAX - part.length() - 2 - hash.length()) + "-" + hash + ":" + part;
        }
        return '"' + name + '"';
    }

    private static String type(Column column, Gathering gathering, String part) {
        if (gathering == Gathering.LAST) {
            return column.type().sqlName();
        }
        return part.equals("n") ? "int4" : "float8";
    }
}
