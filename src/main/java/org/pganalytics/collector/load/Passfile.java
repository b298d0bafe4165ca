package org.pganalytics.collector.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Reads libpq's password files: {@code host:port:database:user:password} a line, {@code *} for any, {@code \} escapes. */
final class Passfile {
    private static final Pattern BARE_COLON = Pattern.compile("(?<!\\\\):");
    private static final int FIELDS = 5;

    private Passfile() {}

    /** Returns the first fitting line's password, or null when there is no file or no such line. Blocks. */
    static String password(Path file, String host, int port, String database, String user) throws IOException {
        if (file == null) {
            return null;
        }
        var wanted = List.of(host, String.valueOf(port), database, user);
        for (var line : Files.readAllLines(file)) {
            var fields = BARE_COLON.split(line, FIELDS);
            if (fields.length == FIELDS && fits(fields, wanted)) {
                return plain(fields[FIELDS - 1]);
            }
        }
        return null;
    }

    private static boolean fits(String[] fields, List<String> wanted) {
        for (int at = 0; at < wanted.size(); at++) {
            if (!fields[at].equals("*") && !plain(fields[at]).equals(wanted.get(at))) {
                return false;
            }
        }
        return true;
    }

    private static String plain(String field) {
        return field.replaceAll("\\\\(.)", "$1");
    }
}
