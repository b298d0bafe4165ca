package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
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
import org.pganalytics.config.ServerConfigFile;
import org.pganalytics.tls.TlsConfig.Mode;

/** The servers of the chart, held against the server's own reading of their configuration. */
class ServerChartTest {
    private static final String NAME = "metrics-pganalytics";
    private static final String URL = "postgresql://pganalytics@db.example/pganalytics?sslmode=require";

    private static final String MOUNTED = "/etc/pganalytics";

    @TempDir
    static Path folder;

    private static HelmChart chart;

    @BeforeAll
    static void open() throws IOException {
        chart = new HelmChart(folder);
        Files.createDirectories(here().resolve("tls"));
        Files.createFile(here().resolve("tls/tls.crt"));
        Files.createFile(here().resolve("tls/tls.key"));
    }

    private static DeploymentSpec deployment(Manifests manifests) {
        return manifests.one(Deployment.class, NAME).getSpec();
    }

    private static Container container(Manifests manifests) {
        return deployment(manifests).getTemplate().getSpec().getContainers().get(0);
    }

    /** What a server reads in its pod: the file of the ConfigMap, and variables of the kind that its Secrets hold. */
    private static ServerConfig config(Manifests manifests) throws IOException {
        var text = manifests.one(ConfigMap.class, NAME).getData().get("pganalytics.conf");
        var file = Files.writeString(folder.resolve("pganalytics.conf"), text.replace(MOUNTED, here().toString()));
        var environment = new HashMap<String, String>();
        for (var variable : container(manifests).getEnv()) {
            boolean url = variable.getName().equals("PGANALYTICS_DATABASE_URL");
            environment.put(variable.getName(), url ? URL : "a secret of 32 characters or more");
        }
        return ServerConfigFile.load(file, environment);
    }

    /** Stands for {@code /etc/pganalytics}, since files that are named must be there. */
    private static Path here() {
        return folder.resolve("etc");
    }

    private static String inPod(Path file) {
        return Path.of(MOUNTED).resolve(here().relativize(file)).toString();
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
                assertEquals("tls", mounts.get(inPod(tls.certificate().getParent())));
                assertEquals("tls", mounts.get(inPod(tls.key().getParent())));
            } else {
                assertEquals(Mode.TERMINATED_UPSTREAM, tls.mode());
                assertEquals(List.of("10.1.0.0/16", "fd00::/8"), tls.upstreamAddresses());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void probesAskTheManagementListener(String values) throws IOException {
        var manifests = chart.render(values);
        var container = container(manifests);
        var scheme = config(manifests).managementTls().mode() == Mode.ON ? "HTTPS" : "HTTP";
        assertEquals("/health/live", path(container.getStartupProbe(), scheme));
        assertEquals("/health/live", path(container.getLivenessProbe(), scheme));
        assertEquals("/health/ready", path(container.getReadinessProbe(), scheme));
        var start = container.getStartupProbe();
        var startMax = Duration.ofSeconds((long) start.getPeriodSeconds() * start.getFailureThreshold());
        assertTrue(startMax.compareTo(config(manifests).database().embedded().startTimeout()) >= 0, startMax::toString);
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
        var sums = Stream.of("", "server: { config: \"log.level = debug\" }", "drain: { withinSeconds: 30 }")
                .map(values -> deployment(chart.render(values))
                        .getTemplate()
                        .getMetadata()
                        .getAnnotations()
                        .get("checksum/config"))
                .distinct()
                .count();
        assertEquals(3, sums);
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

    @Test
    void theMigrationUsesNothingOfTheRelease() {
        var job = chart.render(Combinations.all(false)).one(Job.class, NAME + "-migrate");
        assertEquals(
                "pre-install,pre-upgrade", job.getMetadata().getAnnotations().get("helm.sh/hook"));
        var spec = job.getSpec().getTemplate().getSpec();
        assertNull(spec.getServiceAccountName());
        assertTrue(spec.getVolumes().stream()
                .allMatch(volume -> volume.getConfigMap() == null && volume.getPersistentVolumeClaim() == null));
        var container = spec.getContainers().get(0);
        assertEquals(List.of("migrate"), container.getArgs());
        var secrets = container.getEnv().stream()
                .filter(variable -> variable.getValueFrom() != null)
                .collect(Collectors.toMap(
                        EnvVar::getName,
                        variable -> variable.getValueFrom().getSecretKeyRef().getName()));
        assertEquals("of-the-database", secrets.get("PGANALYTICS_DATABASE_URL"));
        assertFalse(chart.render(Combinations.EMBEDDED).has(Job.class), "nobody else reaches an embedded database");
    }
}
