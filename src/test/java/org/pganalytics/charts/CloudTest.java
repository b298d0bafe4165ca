package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.bertramlabs.plugins.hcl4j.HCLParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.config.ServerConfigFile;
import org.pganalytics.tls.TlsConfig;

/** The balancers of docs/cloud ask the server where it answers, and wait as long as it drains. */
class CloudTest {
    private static final ServerConfig SERVER = ServerConfigFile.load(null, Map.of());
    private static final Pattern REFERENCE = Pattern.compile("\\b([a-z]+_[a-z_]+\\.[a-z]+)\\.(?:id|arn)\\b");
    private static final Pattern VARIABLE = Pattern.compile("\\bvar\\.([a-z_]+)");

    private static Path file(String cloud) {
        return Path.of("docs/cloud", cloud + ".tf");
    }

    private static Map<String, Object> parsed(String cloud) throws Exception {
        return new HCLParser().parse(file(cloud).toFile(), "UTF-8");
    }

    private static Map<?, ?> resource(String cloud, String type, String name) throws Exception {
        return block(block(block(parsed(cloud), "resource"), type), name);
    }

    private static Map<?, ?> block(Map<?, ?> of, String name) {
        var found = of.get(name);
        assertNotNull(found, () -> name + " is not in " + of);
        return (Map<?, ?>) found;
    }

    private static int number(Map<?, ?> of, String name) {
        assertTrue(of.get(name) instanceof Number, () -> name + " is no number in " + of);
        return ((Number) of.get(name)).intValue();
    }

    private static void longerThan(Duration least, int seconds) {
        assertTrue(seconds > least.toSeconds(), () -> seconds + " s, and the server " + least);
    }

    /** Asked for where the management listener answers, over TLS, soon enough. */
    private static void asksForReadiness(Map<?, ?> check, String path) {
        assertEquals(SERVER.management().port(), number(check, "port"));
        assertEquals("/health/ready", check.get(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"aws", "google", "azure"})
    void whatIsNamedIsDeclared(String cloud) throws Exception {
        var text = Files.readString(file(cloud));
        var declared = new TreeSet<String>();
        block(parsed(cloud), "resource")
                .forEach(
                        (type, names) -> ((Map<?, ?>) names).keySet().forEach(name -> declared.add(type + "." + name)));
        REFERENCE.matcher(text).results().forEach(used -> assertTrue(declared.contains(used.group(1)), used::group));
        var used = VARIABLE.matcher(text)
                .results()
                .map(each -> each.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<Object>(block(parsed(cloud), "variable").keySet()), used);
    }

    /** Without, Terraform takes the newest, which may be another major version. */
    @ParameterizedTest
    @CsvSource({"aws, aws", "google, google", "azure, azurerm"})
    void providersAreNamedWithTheirLeastVersions(String cloud, String provider) throws Exception {
        var required = block(block(parsed(cloud), "terraform"), "required_providers");
        assertEquals(Set.of(provider), required.keySet());
        var named = block(required, provider);
        assertEquals("hashicorp/" + provider, named.get("source"));
        assertTrue(named.get("version").toString().matches(">= \\d+\\.\\d+"), named::toString);
    }

    @Test
    void balancersOfLayerSevenTakeNoOldTls() throws Exception {
        assertTrue(resource("aws", "aws_lb_listener", "http")
                .get("ssl_policy")
                .toString()
                .contains("TLS13-1-2"));
        var policy = resource("google", "google_compute_ssl_policy", "http");
        assertEquals("TLS_1_2", policy.get("min_tls_version"));
        assertEquals("MODERN", policy.get("profile"));
        assertEquals(
                "google_compute_ssl_policy.http.id",
                resource("google", "google_compute_target_https_proxy", "http")
                        .get("ssl_policy")
                        .toString());
        var gateway = resource("azure", "azurerm_application_gateway", "http");
        assertEquals("AppGwSslPolicy20220101S", block(gateway, "ssl_policy").get("policy_name"));
        var roots = List.of(block(gateway, "trusted_root_certificate").get("name"));
        assertEquals(roots, block(gateway, "backend_http_settings").get("trusted_root_certificate_names"));
    }

    /** As the page shows them: by default they listen on loopback only, where no balancer comes. */
    @Test
    void theServersListenWhereBalancersReachThem(@TempDir Path folder) throws Exception {
        var page = Files.readString(Path.of("docs/cloud/README.md"));
        var hocon = page.replaceAll("(?s).*```hocon\n(.*?)```.*", "$1");
        for (var name : List.of("tls.crt", "tls.key")) {
            Files.createFile(folder.resolve(name));
        }
        var file = Files.writeString(
                folder.resolve("pganalytics.conf"), hocon.replace("/etc/pganalytics", folder.toString()));
        var config = ServerConfigFile.load(file, Map.of());
        assertEquals(
                List.of("0.0.0.0", "0.0.0.0", "0.0.0.0"),
                List.of(
                        config.tcp().host(),
                        config.http().host(),
                        config.management().host()));
        for (var tls : List.of(config.tcpTls(), config.httpTls(), config.managementTls())) {
            assertEquals(TlsConfig.Mode.ON, tls.mode());
        }
    }

    @Test
    void awsFitsTheServer() throws Exception {
        for (var door :
                Map.of("tcp", SERVER.tcp().port(), "http", SERVER.http().port()).entrySet()) {
            var targets = resource("aws", "aws_lb_target_group", door.getKey());
            assertEquals(door.getValue(), number(targets, "port"));
            var check = block(targets, "health_check");
            asksForReadiness(check, "path");
            assertEquals("HTTPS", check.get("protocol"));
            assertEquals("200", check.get("matcher"));
            longerThan(SERVER.shutdownWithin(), number(targets, "deregistration_delay"));
        }
        var listener = resource("aws", "aws_lb_listener", "tcp");
        assertEquals(SERVER.tcp().port(), number(listener, "port"));
        longerThan(SERVER.tcp().idleTime(), number(listener, "tcp_idle_timeout_seconds"));
        int idle = number(resource("aws", "aws_lb", "http"), "idle_timeout");
        longerThan(SERVER.v3().retryWait(), idle);
        assertTrue(idle < SERVER.http().idleTime().toSeconds(), "else it sends to a connection that is being closed");
    }

    @Test
    void googleFitsTheServer() throws Exception {
        var checks = Map.of("google_compute_region_health_check", "tcp", "google_compute_health_check", "http");
        for (var each : checks.entrySet()) {
            asksForReadiness(
                    block(resource("google", each.getKey(), each.getValue()), "https_health_check"), "request_path");
        }
        var tcp = resource("google", "google_compute_region_backend_service", "tcp");
        var http = resource("google", "google_compute_backend_service", "http");
        longerThan(SERVER.shutdownWithin(), number(tcp, "connection_draining_timeout_sec"));
        longerThan(SERVER.shutdownWithin(), number(http, "connection_draining_timeout_sec"));
        longerThan(SERVER.v3().pushTime(), number(http, "timeout_sec"));
        assertEquals("HTTPS", http.get("protocol"));
        var ports = resource("google", "google_compute_forwarding_rule", "tcp").get("ports");
        assertEquals("[%d]".formatted(SERVER.tcp().port()), ports.toString());
        assertTrue(Files.readString(file("google"))
                .contains("named port http: " + SERVER.http().port()));
    }

    @Test
    void azureFitsTheServer() throws Exception {
        var probe = resource("azure", "azurerm_lb_probe", "tcp");
        asksForReadiness(probe, "request_path");
        assertEquals("Https", probe.get("protocol"));
        var rule = resource("azure", "azurerm_lb_rule", "tcp");
        assertEquals(SERVER.tcp().port(), number(rule, "backend_port"));
        longerThan(SERVER.tcp().idleTime(), 60 * number(rule, "idle_timeout_in_minutes"));
        var gateway = resource("azure", "azurerm_application_gateway", "http");
        asksForReadiness(block(gateway, "probe"), "path");
        assertEquals("Https", block(gateway, "probe").get("protocol"));
        var settings = block(gateway, "backend_http_settings");
        assertEquals(SERVER.http().port(), number(settings, "port"));
        longerThan(SERVER.v3().pushTime(), number(settings, "request_timeout"));
        longerThan(SERVER.shutdownWithin(), number(block(settings, "connection_draining"), "drain_timeout_sec"));
    }
}
