package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.config.EnvironmentNames;
import org.pganalytics.tls.TestCertificate;

/**
 * Runs what the image would hold, with nothing else: neither sources nor Maven on the path. No engine builds the image
 * itself here.
 */
class ImageIT {
    /** Of what an image has, what the launcher, the health check and (for root, as tests may run) the database may use. */
    private static final List<String> TOOLS =
            List.of("bash", "sh", "env", "readlink", "dirname", "sed", "java", "unshare", "true", "setsid");

    private static final Duration START_MAX = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private ImageLayout image;
    private Path home;
    private Path tools;
    private Path data;
    private Process server;

    @BeforeEach
    void layOut() throws Exception {
        image = new ImageLayout();
        home = folder.resolve("opt");
        data = folder.resolve("data");
        image.layOut(home);
        tools = Files.createTempDirectory(
                Files.createDirectories(Path.of("target/it")).toAbsolutePath(), "tools");
        for (var tool : TOOLS) {
            var found = List.of("/usr/bin", "/bin").stream()
                    .map(place -> Path.of(place, tool))
                    .filter(Files::exists)
                    .findFirst()
                    .orElse(Path.of(System.getProperty("java.home"), "bin", tool));
            Files.createSymbolicLink(tools.resolve(tool), found);
        }
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.destroy();
            boolean ended = server.waitFor(60, TimeUnit.SECONDS);
            // One that stays must not stay for the tests after this one, nor its PostgreSQL.
            server.descendants().forEach(ProcessHandle::destroyForcibly);
            server.destroyForcibly();
            assertTrue(ended, "SIGTERM ends it");
        }
    }

    private ProcessBuilder inImage(List<String> command, Map<String, String> more) {
        var builder = new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(image.environment());
        builder.environment().put("PATH", tools.toString());
        builder.environment().put("PGANALYTICS_DATA_DIR", data.toString());
        List.of("TCP", "HTTP", "MANAGEMENT")
                .forEach(door -> builder.environment().put("PGANALYTICS_%s_PORT".formatted(door), "0"));
        builder.environment().putAll(more);
        return builder;
    }

    /** Until it is ready. @return its ports */
    private JsonObject start(List<String> arguments, Map<String, String> more) throws IOException {
        var command = new ArrayList<>(List.of(home.resolve("pganalytics").toString()));
        command.addAll(arguments);
        var log = folder.resolve("output.log");
        server = inImage(command, more).redirectOutput(log.toFile()).start();
        var ports = data.resolve("ports.json");
        Awaitility.await("ready; the output is in " + log)
                .atMost(START_MAX)
                .failFast("it has ended", () -> assertTrue(server.isAlive(), Files.readString(log)))
                .until(() -> Files.exists(ports));
        return new JsonObject(Files.readString(ports));
    }

    @Test
    void theImageRunsWithoutBuildingAndWritesOnlyItsData() throws Exception {
        assertEquals(List.of(), EnvironmentNames.warnings(image.environment()));
        assertEquals("10001:10001", image.line("USER"));
        var before = ImageLayout.seen(home);
        int management = start(List.of("serve"), Map.of()).getInteger("management");
        assertEquals(before, ImageLayout.seen(home), "so that its file system can be read-only");
        var check = image.healthCheck();
        assertTrue(check.contains("/9464 "), check);
        assertEquals(0, exit(check.replace("/9464 ", "/" + management + " ")), "healthy");
        assertEquals(0, exit(check.replace("/9464 ", "/" + management + " ").replace("live", "ready")));
        assertEquals(1, exit(check.replace("/9464 ", "/" + management + " ").replace("/live", "/dead")), "not found");
        assertEquals(1, exit(check.replace("/9464 ", "/1 ")), "nobody listens");
    }

    private int exit(String command) throws Exception {
        var process = inImage(List.of("sh", "-c", command), Map.of()).start();
        process.getInputStream().readAllBytes();
        return process.waitFor();
    }

    @Test
    void theServerOfTheChartAnswersItsProbes() throws Exception {
        var manifests = new HelmChart(Files.createDirectory(folder.resolve("chart"))).render(Combinations.EMBEDDED);
        var certificate = TestCertificate.make(folder, "EC", "-1d");
        var pod = manifests
                .one(Deployment.class, "metrics-pganalytics")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);
        var hocon = manifests
                .one(ConfigMap.class, "metrics-pganalytics")
                .getData()
                .get("pganalytics.conf")
                .replace(
                        "/etc/pganalytics/tls/tls.crt",
                        certificate.certificate().toString())
                .replace("/etc/pganalytics/tls/tls.key", certificate.key().toString());
        var file = Files.writeString(folder.resolve("pganalytics.conf"), hocon);
        var arguments = new ArrayList<>(pod.getArgs());
        assertEquals(arguments.set(2, file.toString()), "/etc/pganalytics/pganalytics.conf");
        int port = start(arguments, given(pod)).getInteger("management");
        assertEquals(200, ask(port, pod.getLivenessProbe()));
        assertEquals(200, ask(port, pod.getReadinessProbe()));
    }

    /** What is wrong in the values is told before any server is replaced. */
    @Test
    void theMigrationOfTheChartReadsTheConfigurationOfTheServers() throws Exception {
        var manifests = new HelmChart(Files.createDirectory(folder.resolve("chart")))
                .render("server: { config: \"database.pool-size = 0\" }");
        var pod = manifests
                .one(Job.class, "metrics-pganalytics-migrate")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);
        var hocon = manifests
                .one(ConfigMap.class, "metrics-pganalytics-migrate")
                .getData()
                .get("pganalytics.conf");
        Files.writeString(home.resolve(Path.of(image.line("WORKDIR")).relativize(Path.of(PodConfig.USUAL))), hocon);
        var command = new ArrayList<>(List.of(home.resolve("pganalytics").toString()));
        command.addAll(pod.getArgs());
        var process = inImage(command, Map.of()).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertNotEquals(0, process.waitFor(), said);
        assertTrue(said.contains("conf/pganalytics.conf:1: database.pool-size"), said);
    }

    private static Map<String, String> given(Container pod) {
        var given = new HashMap<String, String>();
        pod.getEnv()
                .forEach(variable -> given.put(
                        variable.getName(),
                        variable.getValue() == null ? "from the cluster's Secret" : variable.getValue()));
        return given;
    }

    /** As a kubelet: over TLS, without looking at the certificate. */
    private static int ask(int port, Probe probe) throws Exception {
        assertEquals("HTTPS", probe.getHttpGet().getScheme());
        var vertx = Vertx.vertx();
        try {
            var client = vertx.createHttpClient(
                    new HttpClientOptions().setSsl(true).setTrustAll(true).setVerifyHost(false));
            return client.request(
                            HttpMethod.GET,
                            port,
                            "127.0.0.1",
                            probe.getHttpGet().getPath())
                    .compose(request -> request.send())
                    .map(response -> response.statusCode())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }
}
