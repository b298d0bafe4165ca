package org.pganalytics.database;

import io.vertx.pgclient.SslMode;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.pganalytics.fault.HostName;

/** A libpq URI and what it says. */
final class DatabaseUrl {
    private static final Pattern FORM = Pattern.compile("postgres(?:ql)?://"
            + "(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?"
            + "(?<hosts>[^/?@]*)"
            + "(?:/(?<database>[^?]*))?(?:\\?(?<query>.*))?");
    private static final Pattern HOST = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]*)(?::([0-9]*))?");
    private static final int HOSTS_MAX = 10;
    private static final int SHOWN_MAX = 60;
    private static final String DEFAULT_PORT = "5432";
    private static final Set<String> KNOWN = Set.of(
            "user",
            "password",
            "host",
            "port",
            "dbname",
            "sslmode",
            "sslrootcert",
            "application_name",
            "target_session_attrs",
            "connect_timeout");
    static final String EXAMPLE = "postgresql://user@host:5432,other:5432/database?sslmode=verify-full";

    private final Matcher parts;
    private final Map<String, String> query;

    DatabaseUrl(String url) {
        this.parts = FORM.matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "a database URL begins with postgresql://, and special characters of its password are %-encoded");
        }
        this.query = query(parts.group("query"));
    }

    DatabaseAddress address() {
        var hosts = hosts();
        requireWritable();
        return new DatabaseAddress(
                hosts, database(), user(), value("password", "password", ""), ssl(hosts), rootCert());
    }

    /** Those of the authority; what it leaves empty the parameters host and port fill, of which each may be a list. */
    private List<DatabaseHost> hosts() {
        var named = Arrays.stream(decode(parts.group("hosts")).split(",", -1))
                .map(DatabaseUrl::place)
                .toList();
        boolean isNameless = named.size() == 1 && named.get(0).host().isEmpty();
        var places = isNameless && query.containsKey("host")
                ? ofParameter(named.get(0).port())
                : named;
        if (places.size() > HOSTS_MAX) {
            throw new IllegalArgumentException(
                    "a database URL names at most %d hosts, not %d".formatted(HOSTS_MAX, places.size()));
        }
        var ports = query.getOrDefault("port", "").split(",", -1);
        if (ports.length > 1 && ports.length != places.size()) {
            throw new IllegalArgumentException(
                    "the database URL has %d hosts and %d ports".formatted(places.size(), ports.length));
        }
        return IntStream.range(0, places.size())
                .mapToObj(at -> host(places.get(at), ports[ports.length == 1 ? 0 : at]))
                .distinct()
                .toList();
    }

    /** As it was written: either may be empty. */
    private record Place(String host, String port) {}

    /** A list of hosts without ports: an IPv6 address needs no brackets there. */
    private List<Place> ofParameter(String port) {
        return Arrays.stream(query.get("host").split(",", -1))
                .map(host -> host.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")
                        ? new Place(host, port)
                        : new Place(place(host).host(), port))
                .toList();
    }

    private static Place place(String text) {
        if (text.startsWith("/")) {
            throw new IllegalArgumentException(
                    "host=%s: a unix socket is not supported, give a host and a port".formatted(text));
        }
        var sides = HOST.matcher(text);
        if (!sides.matches()) {
            throw new IllegalArgumentException(
                    "the database URL names something that is no host and port; an IPv6 address stands in brackets, and"
                            + " special characters of the password are %-encoded");
        }
        var host = sides.group(1);
        if (!host.isEmpty() && !HostName.isPossible(host)) {
            throw new IllegalArgumentException(
                    "host '%s' of the database URL is no address and no name".formatted(shortened(host)));
        }
        return new Place(
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                sides.group(2) == null ? "" : sides.group(2));
    }

    private static DatabaseHost host(Place place, String otherwise) {
        var port = place.port().isEmpty() ? otherwise : place.port();
        return new DatabaseHost(
                place.host().isEmpty() ? "localhost" : place.host(), port(port.isEmpty() ? DEFAULT_PORT : port));
    }

    /** Of several hosts only the one that takes writes is of use here. */
    private void requireWritable() {
        var wanted = query.getOrDefault("target_session_attrs", "read-write");
        if (!Set.of("read-write", "primary").contains(wanted)) {
            throw new IllegalArgumentException(
                    "target_session_attrs=%s of the database URL must be read-write or primary: the server writes"
                            .formatted(wanted));
        }
    }

    private static int port(String port) {
        if (!port.matches("\\d{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException(
                    "port '%s' of the database URL must be 1 to 65535".formatted(shortened(port)));
        }
        return Integer.parseInt(port);
    }

    private String user() {
        return value("user", "user", "pganalytics");
    }

    private String database() {
        return value("database", "dbname", user());
    }

    private SslMode ssl(List<DatabaseHost> hosts) {
        boolean isHere = hosts.stream().allMatch(host -> isLoopback(host.host()));
        String mode = query.getOrDefault("sslmode", isHere ? "disable" : "prefer");
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
                        .formatted(shortened(sides[0]), KNOWN.stream().sorted().toList()));
            }
            query.put(sides[0], decode(sides[1]));
        }
        return query;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException lonePercent) {
            throw new IllegalArgumentException(
                    "the database URL has a % that no two hexadecimal digits follow: %25 stands for a % itself");
        }
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "…";
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
