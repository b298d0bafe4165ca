package org.pganalytics.database;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.pganalytics.fault.Fault;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a database is and as whom to go there.
 *
 * @param hosts at least one; of several that are one cluster, the one that takes writes is used
 * @param password may be empty
 * @param ssl DISABLE, PREFER, REQUIRE (encrypted, whoever answers) or VERIFY_FULL (and it is who we meant)
 * @param sslRootCert PEM of the certificate authority for VERIFY_FULL; null for the system's
 */
public record DatabaseAddress(
        List<DatabaseHost> hosts, String database, String user, String password, SslMode ssl, Path sslRootCert) {

    public DatabaseAddress {
        hosts = List.copyOf(hosts);
    }

    /** With one host. */
    public DatabaseAddress(
            String host, int port, String database, String user, String password, SslMode ssl, Path sslRootCert) {
        this(List.of(new DatabaseHost(host, port)), database, user, password, ssl, sslRootCert);
    }

    /** Of the first host. */
    public String host() {
        return hosts.get(0).host();
    }

    /** Of the first host. */
    public int port() {
        return hosts.get(0).port();
    }

    /**
     * Reads a libpq URI, {@code postgresql://user:password@host:port/database?sslmode=require}.
     *
     * @throws IllegalArgumentException saying what is wrong with it, without its password
     */
    public static DatabaseAddress parse(String url) {
        return new DatabaseUrl(url).address();
    }

    public DatabaseAddress withDatabase(String name) {
        return new DatabaseAddress(hosts, name, user, password, ssl, sslRootCert);
    }

    /** The same database at this host alone. */
    DatabaseAddress at(DatabaseHost host) {
        return new DatabaseAddress(List.of(host), database, user, password, ssl, sslRootCert);
    }

    /** The same place as somebody else; an empty user or password keeps the one that is there. */
    public DatabaseAddress as(String otherUser, String otherPassword) {
        return new DatabaseAddress(
                hosts,
                database,
                otherUser.isEmpty() ? user : otherUser,
                otherPassword.isEmpty() ? password : otherPassword,
                ssl,
                sslRootCert);
    }

    /** Looks the password up in a file of libpq's form when there is none yet: the first found for any host; blocking. */
    public DatabaseAddress withPassfile(Path file) {
        if (!password.isEmpty()) {
            return this;
        }
        try {
            for (var each : hosts) {
                var found = Passfile.password(file, each.host(), each.port(), database, user);
                if (found.isPresent()) {
                    return as("", found.get());
                }
            }
            return this;
        } catch (IOException e) {
            throw Fault.STORE_DOWN.because("the passfile %s cannot be read".formatted(file), e);
        }
    }

    /** A libpq URI without the password, for logs, files and people. */
    public String url() {
        var where = hosts.stream().map(DatabaseHost::toString).collect(Collectors.joining(","));
        return "postgresql://%s@%s/%s".formatted(DatabaseUrl.encode(user), where, database);
    }

    /**
     * For the reactive driver, to the first host; who may have several asks {@link WritableHost}. Every commit of
     * ours is on disk before it is answered, whatever the server's default.
     */
    public PgConnectOptions connectOptions() {
        var options = new PgConnectOptions()
                .setHost(host())
                .setPort(port())
                .setDatabase(database)
                .setUser(user)
                .setPassword(password)
                .addProperty("application_name", "pganalytics")
                .addProperty("synchronous_commit", "on")
                .addProperty("timezone", "UTC");
        return ssl == SslMode.DISABLE ? options : options.setSslMode(ssl).setSslOptions(sslOptions());
    }

    private ClientSSLOptions sslOptions() {
        if (ssl != SslMode.VERIFY_FULL) {
            return new ClientSSLOptions().setTrustAll(true).setHostnameVerificationAlgorithm("");
        }
        var options = new ClientSSLOptions().setHostnameVerificationAlgorithm("HTTPS");
        if (sslRootCert != null) {
            options.setTrustOptions(new PemTrustOptions().addCertPath(sslRootCert.toString()));
        }
        return options;
    }

    /** For the libraries that block, such as the migrations' one; to the first host. */
    public DataSource dataSource(Duration connectTimeout) {
        var source = new PGSimpleDataSource();
        source.setServerNames(new String[] {host()});
        source.setPortNumbers(new int[] {port()});
        source.setDatabaseName(database);
        source.setUser(user);
        source.setPassword(password);
        source.setApplicationName("pganalytics");
        source.setSslMode(ssl.value);
        if (sslRootCert != null) {
            source.setSslRootCert(sslRootCert.toString());
        } else if (ssl == SslMode.VERIFY_FULL) {
            source.setSslfactory("org.postgresql.ssl.DefaultJavaSSLFactory");
        }
        int seconds = (int) Math.max(1, connectTimeout.toSeconds());
        source.setConnectTimeout(seconds);
        source.setLoginTimeout(seconds);
        return source;
    }

    Connection connect(Duration timeout) throws SQLException {
        return dataSource(timeout).getConnection();
    }

    @Override
    public String toString() {
        return url();
    }
}
