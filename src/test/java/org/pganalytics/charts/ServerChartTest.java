package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.tls.TlsConfig.ClientAuth;
import org.pganalytics.tls.TlsConfig.Mode;

/** The servers of the chart, held against the server's own reading of their configuration. */
class ServerChartTest {
    private static final String NAME = "metrics-pganalytics";

    @TempDir
    static Path folder;

    private static HelmChart chart;
    private static PodConfig read;

    @BeforeAll
    static void open() throws IOException {
        chart = new HelmChart(folder);
        read = new PodConfig(folder);
    }

    private static DeploymentSpec deployment(Manifests manifests) {
        return manifests.one(Deployment.class, NAME).getSpec();
    }

    private static Container container(Manifests manifests) {
        return deployment(manifests).getTemplate().getSpec().getContainers().get(0);
    }

    private static ServerConfig config(Manifests manifests) throws IOException {
        return read.server(manifests);
    }

    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void theServerTakesTheConfigurationAndListensWhereThePodSays(String values) throws IOException {
        var manifests = chart.render(values);
        var config = config(manifests);
        var ports = container(manifests).getPorts().stream()
                .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
        assertEquals(
                Map.of(
                        "tcp", config.tcp().port(),
                        "http", config.http().port(),
                        "management", config.management().port()),
                ports);
        assertEquals(
                List.of("0.0.0.0", "0.0.0.0", "0.0.0.0"),
                List.of(
                        config.tcp().host(),
                        config.http().host(),
                        config.management().host()),
                "also when the values say otherwise");
        boolean embedded = values.contains("secret: \"\" }\nserver") || values.contains("database: { secret: \"\",");
        assertEquals(embedded, config.database().url().isEmpty());
        assertEquals(embedded, manifests.has(PersistentVolumeClaim.class));
    }

    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void filesOfTheConfigurationAreMounted(String values) throws IOException {
        var manifests = chart.render(values);
        var config = config(manifests);
        var mounts = container(manifests).getVolumeMounts().stream()
                .collect(Collectors.toMap(VolumeMount::getMountPath, VolumeMount::getName));
        assertEquals("data", mounts.get(config.dataDirectory().toString()));
        assertEquals("tmp", mounts.get("/tmp"));
        assertEquals("config", mounts.get(container(manifests).getArgs().get(2)));
        boolean encrypts = config.tcpTls().mode() == Mode.ON;
        assertEquals(!values.contains("balancers"), encrypts);
        for (var tls : List.of(config.tcpTls(), config.httpTls(), config.managementTls())) {
            assertEquals(config.tcpTls().mode(), tls.mode());
            if (encrypts) {
                assertEquals("tls", mounts.get(read.inPod(tls.certificate().getParent())));
                assertEquals("tls", mounts.get(read.inPod(tls.key().getParent())));
            } else {
                assertEquals(Mode.TERMINATED_UPSTREAM, tls.mode());
                assertEquals(List.of("10.1.0.0/16", "fd00::/8"), tls.upstreamAddresses());
            }
        }
    }

    @Test
    void theAuthorityOfCollectorsIsMountedForNobodyElseToRead() throws IOException {
        var manifests = chart.render(Combinations.CERTIFIED);
        var config = config(manifests);
        assertEquals(
                List.of(ClientAuth.REQUIRED, ClientAuth.REQUIRED, ClientAuth.NONE),
                List.of(
                        config.tcpTls().clientAuth(),
                        config.httpTls().clientAuth(),
                        config.managementTls().clientAuth()));
        var ca = config.certificates().ca();
        var mounts = container(manifests).getVolumeMounts().stream()
                .collect(Collectors.toMap(VolumeMount::getMountPath, VolumeMount::getName));
        assertEquals("collectors", mounts.get(read.inPod(ca.certificate().getParent())));
        assertEquals("collectors", mounts.get(read.inPod(ca.key().getParent())));
        var volume = deployment(manifests).getTemplate().getSpec().getVolumes().stream()
                .filter(each -> each.getName().equals("collectors"))
                .findFirst()
                .orElseThrow();
        assertEquals("authority", volume.getSecret().getSecretName());
        assertEquals(0440, volume.getSecret().getDefaultMode(), "others may not read it");
    }

    @Test
    void keysAreMountedForNobodyElseToRead() throws IOException {
        var manifests = chart.render(Combinations.SEALED);
        var config = config(manifests);
        assertEquals(
                List.of("/etc/pganalytics/keys/secrets.keys", "/etc/pganalytics/keys/audit.keys"),
                List.of(
                        read.inPod(config.secrets().keysFile()),
                        read.inPod(config.audit().keyFile())));
        var mounted = deployment(manifests).getTemplate().getSpec().getVolumes().stream()
                .filter(each -> each.getName().equals("keys"))
                .findFirst()
                .orElseThrow()
                .getProjected();
        assertEquals(0440, mounted.getDefaultMode(), "others may not read it");
        assertEquals(
                List.of("of-secrets secrets.keys secrets.keys", "of-audit prove audit.keys"),
                mounted.getSources().stream()
                        .map(source -> source.getSecret())
                        .map(secret -> "%s %s %s"
                                .formatted(
                                        secret.getName(),
                                        secret.getItems().get(0).getKey(),
                                        secret.getItems().get(0).getPath()))
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void probesAskTheManagementListener(String values) throws IOException {
        var manifests = chart.render(values);
        var container = container(manifests);
        var scheme = config(manifests).managementTls().mode() == Mode.ON ? "HTTPS" : "HTTP";
        assertEquals("/health/live", path(container.getLivenessProbe(), scheme));
        assertEquals("/health/ready", path(container.getReadinessProbe(), scheme));
        assertNull(container.getStartupProbe(), "alive is said from the first moment: it would guard nothing");
    }

    private static String path(Probe probe, String scheme) {
        assertEquals("management", probe.getHttpGet().getPort().getStrVal());
        assertEquals(scheme, probe.getHttpGet().getScheme());
        return probe.getHttpGet().getPath();
    }

    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void thePodIsKilledOnlyAfterItsDrain(String values) throws IOException {
        var manifests = chart.render(values);
        var config = config(manifests);
        var before = container(manifests).getLifecycle().getPreStop().getExec().getCommand();
        assertEquals("sleep", before.get(0));
        var drained = Duration.ofSeconds(Long.parseLong(before.get(1))).plus(config.shutdownWithin());
        long grace = deployment(manifests).getTemplate().getSpec().getTerminationGracePeriodSeconds();
        assertTrue(Duration.ofSeconds(grace).compareTo(drained) > 0, () -> grace + " s for " + drained);
        for (var doors : List.of(config.tcp().drainTime(), config.http().drainTime())) {
            assertTrue(doors.multipliedBy(2).compareTo(config.shutdownWithin()) < 0, "and the store has time as well");
        }
    }

    @Test
    void valuesComeBeforeWhatTheChartSays() throws IOException {
        var config = config(chart.render("""
                server: { config: "tcp { window = 8, port = 1 }\\nshutdown.within = 1s\\nstorage.lanes = 3" }
                """));
        assertEquals(8, config.tcp().window());
        assertEquals(3, config.storage().lanes());
        assertEquals(7431, config.tcp().port());
        assertEquals(Duration.ofSeconds(25), config.shutdownWithin());
    }

    @Test
    void podsAreStartedAnewWhenTheirConfigurationChanges() {
        assertEquals(
                3,
                Stream.of("", "server: { config: \"log.level = debug\" }", "drain: { withinSeconds: 30 }")
                        .map(values -> deployment(chart.render(values)).getTemplate())
                        .map(Manifests::configSum)
                        .distinct()
                        .count());
    }

    @Test
    void serversAreReplacedOneByOneAndTheEmbeddedOneAtOnce() {
        var rolling = deployment(chart.render(""));
        assertEquals(3, rolling.getReplicas());
        assertEquals(
                0, rolling.getStrategy().getRollingUpdate().getMaxUnavailable().getIntVal());
        assertEquals(
                2,
                rolling.getTemplate().getSpec().getTopologySpreadConstraints().size());
        assertEquals(
                "Recreate",
                deployment(chart.render(Combinations.EMBEDDED)).getStrategy().getType());
    }

    @Test
    void manyServersAreScaledOrKeptFromDrains() {
        var scaled = chart.render("autoscaling: { enabled: true, min: 2 }");
        assertNull(deployment(scaled).getReplicas(), "the autoscaler's alone");
        var autoscaler = scaled.one(HorizontalPodAutoscaler.class, NAME).getSpec();
        assertEquals(NAME, autoscaler.getScaleTargetRef().getName());
        assertEquals(2, autoscaler.getMinReplicas());
        assertTrue(scaled.has(PodDisruptionBudget.class));
        assertFalse(chart.render("server: { replicas: 1 }").has(PodDisruptionBudget.class), "one could never go");
    }
}
