package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.pganalytics.tls.Pem;
import org.pganalytics.tls.TestAuthority;
import org.pganalytics.tls.TestCertificate;

/**
 * A real server that lets nobody in without a certificate, on both doors.
 *
 * @param listeners authority of the server's own certificate
 * @param certificate of all listeners
 * @param operators authority of collectors' certificates besides the server's own
 */
record MutualTlsServer(Program server, TestAuthority listeners, TestAuthority operators, TestCertificate certificate) {
    static final String SECRET = "a secret behind two locks";

    static MutualTlsServer start(Path folder, Duration lifetime) throws Exception {
        var listeners = TestAuthority.make(folder, "listeners");
        var operators = TestAuthority.make(Files.createDirectory(folder.resolve("operators")), "operators");
        var authority = folder.resolve("collectors.crt");
        var key = folder.resolve("collectors.key");
        var made = Main.commandLine()
                .execute("tls", "ca", "create", "--certificate", authority.toString(), "--key", key.toString());
        assertEquals(0, made);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
        var environment = new HashMap<>(Map.of(
                "PGANALYTICS_REGISTRATION_SECRET",
                SECRET,
                "PGANALYTICS_TLS_CA_CERTIFICATE",
                authority.toString(),
                "PGANALYTICS_TLS_CA_KEY",
                key.toString(),
                "PGANALYTICS_TLS_CA_CERTIFICATE_LIFETIME",
                lifetime.toSeconds() + "s"));
        var certificate = listeners.certify("127.0.0.1");
        for (var door : List.of("TCP", "HTTP", "MANAGEMENT")) {
            var tls = "PGANALYTICS_" + door + "_TLS_";
            environment.put(tls + "MODE", "on");
            environment.put(tls + "CERTIFICATE", certificate.certificate().toString());
            environment.put(tls + "KEY", certificate.key().toString());
            if (!door.equals("MANAGEMENT")) {
                environment.put(tls + "CLIENT_AUTH", "required");
                environment.put(
                        tls + "CLIENT_AUTHORITIES", operators.certificate().toString());
            }
        }
        var server = Program.start(Program.folder("mutual-tls"), environment, "serve");
        Awaitility.await("ready").atMost(Duration.ofSeconds(150)).until(() -> isReady(server));
        return new MutualTlsServer(server, listeners, operators, certificate);
    }

    /** Says so in its file of ports: the management listener speaks TLS. */
    private static boolean isReady(Program server) {
        try {
            return server.port("tcp") > 0;
        } catch (IllegalStateException notYet) {
            return false;
        }
    }

    /** Another certificate at the place of the one in use. */
    void exchange() throws Exception {
        listeners.certify("127.0.0.1");
    }

    /** Of the certificate that the files hold. */
    String serial() throws Exception {
        return Pem.certificates(Files.readAllBytes(certificate.certificate()))
                .get(0)
                .getSerialNumber()
                .toString(16);
    }

    /** The serial number that a client sees. */
    String shown(String door) throws Exception {
        var pem = openssl(server.port(door));
        int begins = pem.indexOf("-----BEGIN CERTIFICATE-----");
        var shown = Pem.certificates(pem.substring(begins).getBytes(StandardCharsets.US_ASCII));
        return shown.get(0).getSerialNumber().toString(16);
    }

    /** The protocol that OpenSSL agrees on, or nothing. */
    String agreed(int port, String... wanted) throws Exception {
        return openssl(port, wanted)
                .lines()
                .filter(line -> line.startsWith("New, TLSv"))
                .map(line -> line.substring("New, ".length(), "New, TLSv1.x".length()))
                .findFirst()
                .orElse("");
    }

    private static String openssl(int port, String... more) throws Exception {
        var command = new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port));
        command.addAll(List.of(more));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    String doors(boolean tcp) {
        return "tcp-port = %d, http-port = %d".formatted(tcp ? server.port("tcp") : 0, server.port("http"));
    }

    /** As it is where a balancer passes nothing else on. */
    String tcpAlone() {
        return "tcp-port = %d, http-port = 0".formatted(server.port("tcp"));
    }

    /** Of a collector, as the audit has them. */
    long sessions(String name) throws Exception {
        return audited("session.open", name);
    }

    /** How many rows the audit has of what a collector did. */
    long audited(String action, String name) throws Exception {
        return server.number("""
                SELECT count(*) FROM audit_event JOIN collector ON target = collector_id::text
                WHERE action = '%s' AND name = '%s'
                """.formatted(action, name));
    }

    /** OpenSSL shows the certificate it was given, whatever authorities the server asks for. */
    Answer curl(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(
                "curl",
                "-sS",
                "-m",
                "20",
                "-w",
                " %{http_code}",
                "--cacert",
                listeners.certificate().toString()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        int blank = output.lastIndexOf(' ');
        return new Answer(Integer.parseInt(output.substring(blank + 1)), output.substring(0, blank));
    }

    /** What came back. */
    record Answer(int status, String text) {
        JsonObject json() {
            return new JsonObject(text);
        }
    }

    String url(String path) {
        return "https://127.0.0.1:%d%s".formatted(server.port("http"), path);
    }

    /** Asks where it stands, with a certificate. */
    Answer position(String token, TestCertificate shown) throws Exception {
        var certificate = shown.certificate().toString();
        var where = url("/api/v1/metrics/position?instance=" + UUID.randomUUID());
        return curl("-H", token, "--cert", certificate, "--key", shown.key().toString(), where);
    }

    /** The header of a collector that registers, without a certificate. */
    String token(String name) throws Exception {
        var answer = curl(
                "-H",
                "X-Registration-Secret: " + SECRET,
                "-H",
                "Content-Type: application/json",
                "-d",
                new JsonObject().put("name", name).put("version", "4").encode(),
                url("/api/v1/collectors/register"));
        assertTrue(answer.status() == 201, answer::text);
        return "Authorization: Bearer " + answer.json().getString("token");
    }
}
