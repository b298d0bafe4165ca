package org.pganalytics.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Finds environment variables that look as if they were ours and set nothing: most likely misspelt. Only a warning, since
 * other programs may have chosen the same prefix.
 */
public final class EnvironmentNames {
    private static final String PREFIX = "PGANALYTICS_";
    /** Read by the launcher and by the tests. */
    private static final List<String> NOT_OF_A_KEY =
            List.of("PGANALYTICS_JAVA_OPTIONS", "PGANALYTICS_TEST_DATABASE_URL", "PGANALYTICS_TIMESCALE_URL");

    /** At most so many letters in all are wrong in a misspelt name: one of every so many. */
    private static final int LETTERS_A_SLIP = 4;

    private EnvironmentNames() {}

    /** A sentence for each such variable, by name; never its value, which may be a secret. */
    public static List<String> warnings(Map<String, String> environment) {
        var keys = keysByVariable();
        var warnings = new ArrayList<String>();
        for (var name : new TreeSet<>(environment.keySet())) {
            if (name.startsWith(PREFIX) && !keys.containsKey(name) && !NOT_OF_A_KEY.contains(name)) {
                warnings.add(warning(name, keys));
            }
        }
        return warnings;
    }

    private static Map<String, String> keysByVariable() {
        var keys = new TreeMap<String, String>();
        Stream.of(ServerConfigFile.layers(), CollectorConfigFile.layers())
                .forEach(layers -> layers.keys().forEach(key -> keys.put(layers.variable(key), key)));
        return keys;
    }

    private static String warning(String name, Map<String, String> keys) {
        var nearest = keys.keySet().stream()
                .min(Comparator.comparingInt(known -> distance(name, known)))
                .orElseThrow();
        var advice = distance(name, nearest) <= (name.length() - PREFIX.length()) / LETTERS_A_SLIP + 1
                ? "%s sets %s".formatted(nearest, keys.get(nearest))
                : "no key is spelled like that; docs/configuration.md has them all";
        return "the environment variable %s sets nothing: %s".formatted(name, advice);
    }

    /** How many letters are to be put in, left out or exchanged to make one of the other (Levenshtein). */
    private static int distance(String one, String other) {
        var above = new int[other.length() + 1];
        for (int column = 0; column <= other.length(); column++) {
            above[column] = column;
        }
        for (int row = 1; row <= one.length(); row++) {
            var current = new int[other.length() + 1];
            current[0] = row;
            for (int column = 1; column <= other.length(); column++) {
                int exchanged = above[column - 1] + (one.charAt(row - 1) == other.charAt(column - 1) ? 0 : 1);
                current[column] = Math.min(exchanged, 1 + Math.min(above[column], current[column - 1]));
            }
            above = current;
        }
        return above[other.length()];
    }
}
