package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.database.PrivateServer;
import org.pganalytics.tls.TestAuthority;
import org.pganalytics.tls.TestCertificate;

/** Every sslmode towards a real PostgreSQL: right and wrong authority, right and wrong host, with and without TLS there. */
class TargetTlsIT {
    private static final String PASSWORD = "only-for-this-server";
    private static final String HOW = "SELECT coalesce(s.version, 'plain')::text, coalesce(s.client_dn, '')::text"
            + " FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()";

    @TempDir
    static Path folder;

    private static TestAuthority ours;
    private static TestAuthority another;
    private static TestCertificate client;
    private static PrivateServer server;
    private static Vertx vertx;

    @BeforeAll
    static void start() throws Exception {
        ours = TestAuthority.make(folder, "ours");
        another = TestAuthority.make(folder, "another");
        client = ours.certify("by_certificate");
        var certificate = ours.certify("localhost");
        server = PrivateServer.start(17, 0, 20);
        server.execute(
                "CREATE ROLE anyway LOGIN PASSWORD '%s'".formatted(PASSWORD),
                "CREATE ROLE plain_only LOGIN PASSWORD '%s'".formatted(PASSWORD),
                "CREATE ROLE tls_only LOGIN PASSWORD '%s'".formatted(PASSWORD),
                "CREATE ROLE by_certificate LOGIN",
                "ALTER SYSTEM SET ssl_cert_file = '%s'".formatted(server.copied(certificate.certificate())),
                "ALTER SYSTEM SET ssl_key_file = '%s'".formatted(server.copied(certificate.key())),
                "ALTER SYSTEM SET ssl_ca_file = '%s'".formatted(server.copied(ours.certificate())),
                "ALTER SYSTEM SET ssl = on");
        server.allow(List.of(
                "hostssl all by_certificate 127.0.0.1/32 cert",
                "hostnossl all plain_only 127.0.0.1/32 scram-sha-256",
                "hostssl all tls_only 127.0.0.1/32 scram-sha-256",
                "host all plain_only,tls_only,by_certificate 127.0.0.1/32 reject"));
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        Waiting.on(vertx.close());
        server.close();
    }

    private static TargetConfig target(String user, String host, TargetTlsConfig tls) {
        return new TargetConfig(
                "tls",
                host,
                server.port(),
                user,
                PASSWORD,
                "postgres",
                List.of(),
                tls,
                1,
                Duration.ofSeconds(5),
                Duration.ofMillis(200),
                Map.of(),
                Set.of(),
                TargetSourcesConfig.POSTGRESQL);
    }

    /** @return the TLS version and whom the server takes the client for, or what was wrong */
    private static String connect(TargetConfig target) {
        var lanes = new ConnectionLanes(vertx, TargetOptions.reading(target), target, Duration.ofSeconds(5));
        return Waiting.on(lanes.use("postgres", session -> session.query(HOW, Tuple.tuple()))
                .map(rows -> rows.iterator().next())
                .map(row -> row.getString(0) + " " + row.getString(1))
                .otherwise(refused -> "refused: " + refused.getMessage())
                .eventually(lanes::close));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            disable,     anyway,     ours,    localhost, plain
            disable,     plain_only, ours,    localhost, plain
            disable,     tls_only,   ours,    localhost, refused
            prefer,      anyway,     another, 127.0.0.1, TLSv1.3
            prefer,      tls_only,   another, 127.0.0.1, TLSv1.3
            require,     tls_only,   another, 127.0.0.1, TLSv1.3
            require,     plain_only, another, 127.0.0.1, refused
            verify-ca,   tls_only,   ours,    127.0.0.1, TLSv1.3
            verify-ca,   tls_only,   another, localhost, refused
            verify-full, tls_only,   ours,    localhost, TLSv1.3
            verify-full, tls_only,   ours,    127.0.0.1, refused
            verify-full, tls_only,   another, localhost, refused
            """)
    void eachModeKeepsItsPromise(String sslmode, String user, String authority, String host, String expected) {
        var trusted = authority.equals("ours") ? ours : another;
        var tls = new TargetTlsConfig(sslmode, trusted.certificate().toString(), "", "");
        var found = connect(target(user, host, tls));
        assertEquals(expected, found.split("[ :]")[0], found);
    }

    @Test
    void aClientsCertificateSignsIn() {
        var certificate = client.certificate().toString();
        var key = client.key().toString();
        var with = new TargetTlsConfig("verify-full", ours.certificate().toString(), certificate, key);
        assertEquals("TLSv1.3 /CN=by_certificate", connect(target("by_certificate", "localhost", with)));
        var without = new TargetTlsConfig("verify-full", ours.certificate().toString(), "", "");
        assertEquals(
                "refused",
                connect(target("by_certificate", "localhost", without)).split(":")[0]);
    }

    /** The same server without TLS: only what may do without it connects. */
    @ParameterizedTest
    @CsvSource({"prefer,plain", "require,refused", "verify-full,refused"})
    void aServerWithoutTlsIsTakenOnlyWhereThatIsAllowed(String sslmode, String expected) {
        server.execute("ALTER SYSTEM SET ssl = off", "SELECT pg_reload_conf()");
        Waiting.until(() -> server.number("SELECT (current_setting('ssl') = 'off')::int") == 1);
        try {
            var tls = new TargetTlsConfig(sslmode, ours.certificate().toString(), "", "");
            var found = connect(target("anyway", "localhost", tls));
            assertEquals(expected, found.split("[ :]")[0], found);
        } finally {
            server.execute("ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()");
            Waiting.until(() -> server.number("SELECT (current_setting('ssl') = 'on')::int") == 1);
        }
    }
}
