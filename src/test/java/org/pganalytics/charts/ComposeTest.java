package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.config.EnvironmentNames;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.config.ServerConfigFile;
import org.yaml.snakeyaml.Yaml;

/** compose.yaml, held against the server's configuration and, where there is one, the real HAProxy. */
class ComposeTest {
    private static final Map<String, Object> COMPOSE = read();

    private static Map<String, Object> read() {
        try {
            return new Yaml().load(Files.readString(Path.of("compose.yaml")));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> at(String... path) {
        var found = COMPOSE;
        for (var name : path) {
            found = (Map<String, Object>) found.get(name);
        }
        return found;
    }

    /** As the engine fills it in. */
    private static Map<String, String> environment() {
        var environment = new TreeMap<String, String>();
        at("services", "server", "environment")
                .forEach((name, value) ->
                        environment.put(name, value.toString().replaceAll("\\$\\{.*}", "a secret of the machine")));
        return environment;
    }

    private static ServerConfig config() {
        return ServerConfigFile.load(null, environment());
    }

    private static String haproxy() {
        return at("configs", "haproxy").get("content").toString();
    }

    @Test
    void theServerTakesItsVariables() {
        assertEquals(List.of(), EnvironmentNames.warnings(environment()));
        var balancer = at("services", "balancer", "networks", "default").get("ipv4_address");
        for (var tls : List.of(config().tcpTls(), config().httpTls(), config().managementTls())) {
            assertEquals(List.of(balancer), tls.upstreamAddresses());
        }
        assertEquals(List.of(balancer), config().tcp().trustedAddresses());
        assertEquals(List.of(balancer), config().http().trustedAddresses());
        var grace = Duration.parse("PT" + at("services", "server").get("stop_grace_period"));
        assertTrue(grace.compareTo(config().shutdownWithin()) > 0);
    }

    @Test
    void theServersShareTheRedisThatIsThere() {
        var redis = config().redis();
        assertEquals(List.of("redis://redis:6379"), redis.urls());
        assertTrue(at("services", "redis").get("command").toString().contains("${REDIS_PASSWORD:?"));
        assertEquals("a secret of the machine", redis.password());
    }

    @Test
    void theBalancerLeadsToItsDoors() {
        assertTrue(haproxy().contains(" server:%d\n".formatted(config().tcp().port())));
        assertTrue(haproxy().contains(" server:%d\n".formatted(config().http().port())));
        assertTrue(haproxy()
                .contains(" check port %d ".formatted(config().management().port())));
        for (var wait : List.of("client", "server")) {
            var seconds = haproxy().replaceAll("(?s).*timeout " + wait + " (\\d+)s.*", "$1");
            var waits = Duration.ofSeconds(Long.parseLong(seconds));
            assertTrue(waits.compareTo(config().tcp().idleTime()) > 0);
            assertTrue(waits.compareTo(config().http().idleTime()) > 0);
        }
    }

    @Test
    void haproxyTakesItsConfiguration(@TempDir Path folder) throws Exception {
        var program = Path.of("/usr/sbin/haproxy");
        assumeTrue(
                Files.isExecutable(program),
                "there is no HAProxy on this machine: ./verify installs it, apt-get install haproxy does");
        var file = Files.writeString(folder.resolve("haproxy.cfg"), haproxy());
        var check = new ProcessBuilder(program.toString(), "-c", "-f", file.toString())
                .redirectErrorStream(true)
                .start();
        var said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, check.waitFor(), said);
    }
}
