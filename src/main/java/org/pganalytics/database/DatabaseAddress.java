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
import javax.sql.DataSource;
import org.pganalytics.fault.Fault;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a database is and as whom to go there.
 *
 * @param password may be empty
 * @param ssl DISABLE, PREFER, REQUIRE (encrypted, whoever answers) or VERIFY_FULL (and it is who we meant)
 * @param sslRootCert PEM of the certificate authority for VERIFY_FULL; null for the system's
 */
public record DatabaseAddress(
        String host, int port, String database, String user, String password, SslMode ssl, Path sslRootCert) {

    /**
     * Reads a libpq URI, {@code postgresql://user:password@host:port/database?sslmode=require}.
     *
     * @throws IllegalArgumentException saying what is wrong with it, without its password
     */
    public static DatabaseAddress parse(String url) {
        return new DatabaseUrl(url).address();
    }

    public DatabaseAddress withDatabase(String name) {
        return new DatabaseAddress(host, port, name, user, password, ssl, sslRootCert);
    }

    /** The same place as somebody else; an empty user or password keeps the one that is there. */
    public DatabaseAddress as(String otherUser, String otherPassword) {
        return new DatabaseAddress(
                host,
                port,
                database,
                otherUser.isEmpty() ? user : otherUser,
                otherPassword.isEmpty() ? password : otherPassword,
                ssl,
                sslRootCert);
    }

    /** Looks the password up in a file of libpq's form when there is none yet; blocking. */
    public DatabaseAddress withPassfile(Path file) {
        if (!password.isEmpty()) {
            return this;
        }
        try {
            return as("", Passfile.password(file, host, port, database, user).orElse(""));
        } catch (IOException e) {
            throw Fault.STORE_DOWN.because("the passfile %s cannot be read".formatted(file), e);
        }
    }

    /** A libpq URI without the password, for logs, files and people. */
    public String url() {
        return "postgresql://%s@%s:%d/%s"
                .formatted(DatabaseUrl.encode(user), host.contains(":") ? "[" + host + "]" : host, port, database);
    }

    /** For the reactive driver. Every commit of ours is on disk before it is answered, whatever the server's default. */
    public PgConnectOptions connectOptions() {
        var options = new PgConnectOptions()
                .setHost(host)
                .setPort(port)
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

    /** For the libraries that block, such as the migrations' one. */
    public DataSource dataSource(Duration connectTimeout) {
        var source = new PGSimpleDataSource();
        source.setServerNames(new String[] {host});
        source.setPortNumbers(new int[] {port});
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
