package org.pganalytics.identity.keycloak;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.pganalytics.house.TestFolders;

/**
 * A Keycloak as a process of its own, on a free port of loopback, with nothing on disk; one for all tests of this JVM, ended
 * with it by its process id. Its first start on a machine takes a minute or two, a later one some 20 s.
 */
public final class RealKeycloak {
    private static final String ADMIN = "admin";
    private static final Duration STARTS_WITHIN = Duration.ofMinutes(4);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static RealKeycloak shared;

    private final int port;
    private final String password = UUID.randomUUID().toString();
    private Process process;

    private RealKeycloak(int port) {
        this.port = port;
    }

    /** Skips the test where Maven has not put it there. */
    public static synchronized RealKeycloak shared() throws Exception {
        if (shared == null) {
            assumeTrue(
                    KeycloakFolder.isThere(),
                    "there is no " + KeycloakFolder.ZIP + "; 'mvn pre-integration-test' puts it there");
            var starting = new RealKeycloak(freePort());
            Runtime.getRuntime().addShutdownHook(new Thread(starting::kill, "ends Keycloak"));
            starting.start(KeycloakFolder.ready());
            shared = starting;
        }
        return shared;
    }

    private void start(Path home) throws IOException {
        var log = TestFolders.make("keycloak").resolve("keycloak.log").toFile();
        var starting = new ProcessBuilder(List.of(
                        "bash",
                        home.resolve("bin/kc.sh").toString(),
                        "start",
                        "--optimized",
                        "--http-enabled=true",
                        "--http-host=127.0.0.1",
                        "--http-port=" + port,
                        "--hostname=" + url()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        starting.environment().put("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m");
        starting.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN);
        starting.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", password);
        process = starting.start();
        try {
            Awaitility.await("Keycloak answers; its output is in " + log)
                    .atMost(STARTS_WITHIN)
                    .pollInterval(Duration.ofMillis(500))
                    .failFast("Keycloak has ended; see " + log, () -> !process.isAlive())
                    .until(this::answers);
        } catch (RuntimeException failed) {
            kill();
            throw failed;
        }
    }

    private boolean answers() throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(URI.create(url() + "/realms/master"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Another site than 127.0.0.1, where our servers are, in the eyes of a browser. */
    public String url() {
        return "http://localhost:" + port;
    }

    /** Where a realm is: the issuer of its tokens, the entity id of its metadata. */
    public String realm(String realm) {
        return "%s/realms/%s".formatted(url(), realm);
    }

    /**
     * People and groups of keycloak/realm.json under this name, with a client of OpenID Connect: {@code alice} in admins,
     * {@code bob} in viewers, {@code nora} in no group, each with {@link #PASSWORD}.
     *
     * @param redirectUri of the client
     */
    public void addRealm(String name, String redirectUri) throws Exception {
        try (var in = RealKeycloak.class.getResourceAsStream("/keycloak/realm.json")) {
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@realm@", name)
                    .replace("@redirect@", redirectUri)
                    .replace("@password@", PASSWORD)
                    .replace("@client-secret@", CLIENT_SECRET);
            if (new JsonArray(admin("GET", "?briefRepresentation=true", null))
                    .stream()
                            .anyMatch(realm ->
                                    ((JsonObject) realm).getString("realm").equals(name))) {
                // A test that runs again.
                admin("DELETE", "/" + name, null);
            }
            admin("POST", "", text);
        }
    }

    /** Of everybody in a realm. */
    public static final String PASSWORD = "gravel-otter-71-lantern";

    /** The client of OpenID Connect in a realm. */
    public static final String CLIENT = "pganalytics";

    public static final String CLIENT_SECRET = "a secret of this test's client";

    /**
     * Asks as an admin does.
     *
     * @param path below /admin/realms, empty or with a slash
     * @param body JSON, or XML; null for none
     * @return what came back, which may be empty
     * @throws IOException when it refuses
     */
    public String admin(String method, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url() + "/admin/realms" + path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + token())
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", body.startsWith("<") ? "text/plain" : "application/json");
        }
        return sent(request.build());
    }

    private String token() throws Exception {
        var form = "grant_type=password&client_id=admin-cli&username=%s&password=%s"
                .formatted(ADMIN, URLEncoder.encode(password, StandardCharsets.UTF_8));
        var request = HttpRequest.newBuilder(URI.create(realm("master") + "/protocol/openid-connect/token"))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build();
        return new JsonObject(sent(request)).getString("access_token");
    }

    private static String sent(HttpRequest request) throws Exception {
        var answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IOException("Keycloak answers %s %s with %d: %s"
                    .formatted(request.method(), request.uri(), answer.statusCode(), answer.body()));
        }
        return answer.body();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What the script has started, too. */
    private void kill() {
        if (process == null) {
            return;
        }
        var started = process.descendants().toList();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
