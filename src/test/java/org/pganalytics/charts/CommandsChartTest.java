package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
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
import org.pganalytics.tls.TlsConfig.Mode;

/** The migration and the commands on a schedule: they know what the servers know, but for the servers' key. */
class CommandsChartTest {
    private static final String NAME = "metrics-pganalytics";
    private static final String VALUES = """
            server:
              config: |
                database.connect-timeout = 9s
                shutdown.within = 1s
                tcp.tls { mode = on, certificate = "/nowhere.crt", key = "/nowhere.key" }
              secretEnv: { PGANALYTICS_V3_LEGACY_TOKEN_SECRET: { secret: v3, key: token } }
            drain: { withinSeconds: 600 }
            cronJobs: { report: { schedule: "0 6 * * *", args: [ cardinality, --json ] } }
            """;

    @TempDir
    static Path folder;

    private static HelmChart chart;
    private static PodConfig read;

    @BeforeAll
    static void open() throws IOException {
        chart = new HelmChart(folder);
        read = new PodConfig(folder);
    }

    private static PodTemplateSpec migration(Manifests manifests) {
        return manifests.one(Job.class, NAME + "-migrate").getSpec().getTemplate();
    }

    private static PodTemplateSpec report(Manifests manifests) {
        var job = manifests.one(CronJob.class, NAME + "-report").getSpec();
        return job.getJobTemplate().getSpec().getTemplate();
    }

    private static Map<String, String> secrets(PodTemplateSpec pod) {
        return pod.getSpec().getContainers().get(0).getEnv().stream()
                .filter(variable -> variable.getValueFrom() != null)
                .collect(Collectors.toMap(
                        EnvVar::getName,
                        variable -> variable.getValueFrom().getSecretKeyRef().getName()));
    }

    @Test
    void commandsReadWhatTheServersRead() throws IOException {
        for (var values : List.of(VALUES, VALUES + Combinations.BALANCED, VALUES + Combinations.CERTIFIED)) {
            var manifests = chart.render(values);
            for (var pod : List.of(migration(manifests), report(manifests))) {
                var config = read.command(manifests, pod);
                assertEquals(read.server(manifests).database(), config.database());
                assertEquals(Duration.ofSeconds(9), config.database().connectTimeout());
                assertEquals(
                        PodConfig.GIVEN, config.v3Tokens().legacyTokenSecret().orElseThrow());
                assertEquals(Path.of("/var/lib/pganalytics"), config.dataDirectory());
            }
        }
    }

    @Test
    void commandsHaveNoKeyAndEndBeforeTheyAreKilled() throws IOException {
        var manifests = chart.render(VALUES + Combinations.CERTIFIED);
        for (var pod : List.of(migration(manifests), report(manifests))) {
            assertTrue(pod.getSpec().getVolumes().stream().allMatch(volume -> volume.getSecret() == null));
            var config = read.command(manifests, pod);
            Stream.of(config.tcpTls(), config.httpTls(), config.managementTls())
                    .forEach(tls -> assertEquals(Mode.OFF, tls.mode()));
            assertNull(config.certificates().ca().key());
            assertNull(pod.getSpec().getTerminationGracePeriodSeconds(), "30 s, which Kubernetes gives by itself");
            assertTrue(config.shutdownWithin().compareTo(Duration.ofSeconds(30)) < 0);
        }
    }

    @Test
    void commandsLookWhereTheImageHasItsConfiguration() throws IOException {
        assertEquals(PodConfig.USUAL, new ImageLayout().line("WORKDIR") + "/conf/pganalytics.conf");
    }

    @Test
    void theMigrationUsesNothingOfTheRelease() {
        var manifests = chart.render(Combinations.all(false));
        var spec = migration(manifests).getSpec();
        assertNull(spec.getServiceAccountName());
        assertTrue(spec.getVolumes().stream().allMatch(volume -> volume.getPersistentVolumeClaim() == null));
        var annotations =
                manifests.one(Job.class, NAME + "-migrate").getMetadata().getAnnotations();
        assertEquals("pre-install,pre-upgrade", annotations.get("helm.sh/hook"));
        var map = spec.getVolumes().stream()
                .map(Volume::getConfigMap)
                .filter(each -> each != null)
                .findFirst()
                .orElseThrow();
        var before = manifests.one(ConfigMap.class, map.getName()).getMetadata().getAnnotations();
        assertEquals(annotations.get("helm.sh/hook"), before.get("helm.sh/hook"));
        assertEquals("-1", before.get("helm.sh/hook-weight"), "there before the Job, whose weight is 0");
        assertEquals(List.of("migrate"), spec.getContainers().get(0).getArgs());
        assertEquals("of-the-database", secrets(migration(manifests)).get("PGANALYTICS_DATABASE_URL"));
        assertFalse(chart.render(Combinations.EMBEDDED).has(Job.class), "nobody else reaches an embedded database");
    }
}
