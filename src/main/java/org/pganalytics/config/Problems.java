package org.pganalytics.config;

import com.typesafe.config.ConfigOrigin;
import java.util.ArrayList;
import java.util.List;

/** Gathers what is wrong while a configuration is read, so that all of it is told at once. */
final class Problems {
    private final List<Problem> found = new ArrayList<>();

    void add(ConfigOrigin origin, String key, String what, String allowed) {
        var problem = new Problem(name(origin), Math.max(0, origin.lineNumber()), key, what, allowed);
        // Who reads a key twice finds the same twice.
        if (!found.contains(problem)) {
            found.add(problem);
        }
    }

    void addAll(List<Problem> others) {
        found.addAll(others);
    }

    /** Whether they tell something of this key. */
    boolean tell(String key) {
        return found.stream().anyMatch(problem -> problem.key().equals(key));
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new ConfigException(found);
        }
    }

    private static String name(ConfigOrigin origin) {
        if (origin.filename() != null) {
            return origin.filename();
        }
        if (origin.resource() != null) {
            return origin.resource();
        }
        // The library says the line there, too.
        var line = ": " + origin.lineNumber();
        var said = origin.description();
        return said.endsWith(line) ? said.substring(0, said.length() - line.length()) : said;
    }
}
