package org.pganalytics.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Password files of libpq: {@code host:port:database:user:password} a line, {@code *} for any, {@code \} escapes. */
public final class Passfile {
    private static final int FIELDS = 5;

    private Passfile() {}

    /** The password of the first line that fits, as libpq would find it. */
    public static Optional<String> password(List<String> lines, String host, int port, String database, String user) {
        var wanted = List.of(host, Integer.toString(port), database, user);
        return lines.stream()
                .filter(line -> !line.startsWith("#"))
                .map(Passfile::fields)
                .filter(fields -> fields.size() == FIELDS && fits(fields, wanted))
                .map(fields -> plain(fields.get(FIELDS - 1)))
                .findFirst();
    }

    private static boolean fits(List<String> fields, List<String> wanted) {
        for (int at = 0; at < wanted.size(); at++) {
            if (!fields.get(at).equals("*") && !plain(fields.get(at)).equals(wanted.get(at))) {
                return false;
            }
        }
        return true;
    }

    /** Cut at colons that nothing escapes; the last field may hold some. */
    private static List<String> fields(String line) {
        var fields = new ArrayList<String>();
        int from = 0;
        for (int at = 0; at < line.length() && fields.size() < FIELDS - 1; at++) {
            if (line.charAt(at) == '\\') {
                at++;
            } else if (line.charAt(at) == ':') {
                fields.add(line.substring(from, at));
                from = at + 1;
            }
        }
        fields.add(line.substring(from));
        return fields;
    }

    private static String plain(String field) {
        return field.replaceAll("\\\\(.)", "$1");
    }
}
