package org.pganalytics.database;

import io.vertx.pgclient.SslMode;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A libpq URI and what it says. */
final class DatabaseUrl {
    private static final Pattern FORM = Pattern.compile("postgres(?:ql)?://"
            + "(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?"
            + "(?<host>\\[[0-9a-fA-F:.]+]|[^:/?,@]*)(?::(?<port>[0-9]*))?"
            + "(?:/(?<database>[^?]*))?(?:\\?(?<query>.*))?");
    private static final Set<String> KNOWN = Set.of(
            "user",
            "password",
            "host",
            "port",
            "dbname",
            "sslmode",
            "sslrootcert",
            "application_name",
            "connect_timeout");
    private static final String EXAMPLE = "postgresql://user@host:5432/database?sslmode=verify-full";

    private final Matcher parts;
    private final Map<String, String> query;

    DatabaseUrl(String url) {
        this.parts = FORM.matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "a database URL must have one host and the form %s (%%-encode special characters of the password)"
                            .formatted(EXAMPLE));
        }
        this.query = query(parts.group("query"));
    }

    DatabaseAddress address() {
        String host = host();
        return new DatabaseAddress(
                host, port(), database(), user(), value("password", "password", ""), ssl(host), rootCert());
    }

    private String host() {
        String host = value("host", "host", "localhost");
        if (host.startsWith("/")) {
            throw new IllegalArgumentException(
                    "host=%s: a unix socket is not supported, give a host and a port".formatted(host));
        }
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private int port() {
        String port = value("port", "port", "5432");
        if (!port.matches("\\d{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException("port '%s' of the database URL must be 1 to 65535".formatted(port));
        }
        return Integer.parseInt(port);
    }

    private String user() {
        return value("user", "user", "pganalytics");
    }

    private String database() {
        return value("database", "dbname", user());
    }

    private SslMode ssl(String host) {
        String mode = query.getOrDefault("sslmode", isLoopback(host) ? "disable" : "prefer");
        return switch (mode) {
            case "disable" -> SslMode.DISABLE;
            case "prefer" -> SslMode.PREFER;
            case "require" -> SslMode.REQUIRE;
            case "verify-full" -> SslMode.VERIFY_FULL;
            default ->
                throw new IllegalArgumentException(
                        "sslmode=%s of the database URL must be disable, prefer, require or verify-full"
                                .formatted(mode));
        };
    }

    private Path rootCert() {
        String file = query.get("sslrootcert");
        return file == null || file.equals("system") ? null : Path.of(file);
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
    }

    private String value(String group, String parameter, String otherwise) {
        String text = parts.group(group);
        String decoded = text == null ? "" : decode(text);
        return decoded.isEmpty() ? query.getOrDefault(parameter, otherwise) : decoded;
    }

    private static Map<String, String> query(String text) {
        var query = new HashMap<String, String>();
        for (var pair : text == null || text.isEmpty() ? new String[0] : text.split("&")) {
            var sides = pair.split("=", 2);
            if (!KNOWN.contains(sides[0]) || sides.length < 2) {
                throw new IllegalArgumentException("parameter '%s' of the database URL is not supported; these are: %s"
                        .formatted(sides[0], KNOWN.stream().sorted().toList()));
            }
            query.put(sides[0], decode(sides[1]));
        }
        return query;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
