package org.pganalytics.collector.load;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Passfile;

/**
 * Where the rows are looked for afterwards.
 *
 * @param url a libpq URI, {@code postgresql://user@host:port/database?sslmode=…}; may hold a password
 * @param passfile in libpq's form, asked when the URI holds no password; or null
 */
public record LoadDatabase(String url, Path passfile) {
    private static final int DEFAULT_PORT = 5432;

    /** Takes the embedded database that a server has written to its {@code ports.json}. Blocks. */
    public static LoadDatabase from(Path portsJson) throws IOException {
        if (!Files.exists(portsJson)) {
            throw Fault.BAD_REQUEST.because(
                    portsJson + " is not there: start the server on its embedded database in this data folder,"
                            + " or say where its database is with --database-url");
        }
        var ports = new JsonObject(Files.readString(portsJson));
        var url = ports.getString("database_url");
        if (url == null) {
            throw Fault.BAD_REQUEST.because(
                    portsJson + " names no database_url: the server does not use the embedded database;"
                            + " say where its database is with --database-url");
        }
        var passfile = ports.getString("database_passfile");
        return new LoadDatabase(url, passfile == null ? null : Path.of(passfile));
    }

    /** Connects. Blocks; for a worker. */
    Connection connect() throws SQLException, IOException {
        var uri = parse();
        int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
        var account = uri.getRawUserInfo() == null
                ? new String[] {"postgres"}
                : uri.getRawUserInfo().split(":", 2);
        var user = decoded(account[0]);
        var database = uri.getPath().length() > 1 ? uri.getPath().substring(1) : user;
        var properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("ApplicationName", "pganalytics load --verify");
        var password =
                account.length > 1 ? decoded(account[1]) : password(new Account(uri.getHost(), port, database, user));
        if (password != null) {
            properties.setProperty("password", password);
        }
        var query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return DriverManager.getConnection(
                "jdbc:postgresql://%s:%d/%s%s".formatted(uri.getHost(), port, database, query), properties);
    }

    private record Account(String host, int port, String database, String user) {}

    /** Null when there is no file or no such line. */
    private String password(Account account) throws IOException {
        return passfile == null
                ? null
                : Passfile.password(
                                Files.readAllLines(passfile),
                                account.host(),
                                account.port(),
                                account.database(),
                                account.user())
                        .orElse(null);
    }

    private URI parse() {
        try {
            var uri = URI.create(url);
            if (uri.getHost() != null && ("postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException malformed) {
            // Its message repeats the URI, which may hold a password.
            throw Fault.BAD_REQUEST.because("the database URL is not a URI");
        }
        throw Fault.BAD_REQUEST.because("the database URL must be postgresql://user@host:port/database");
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Without the URL, which may hold a password. */
    @Override
    public String toString() {
        return "LoadDatabase[passfile=" + passfile + "]";
    }
}
