package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.config.CollectorConfigFile;

/** The agents of the chart, held against the agent's own reading of their configuration. */
class CollectorChartTest {
    private static final String NAME = "metrics-pganalytics-collector";

    @TempDir
    static Path folder;

    private static HelmChart chart;

    @BeforeAll
    static void open() {
        chart = new HelmChart(folder);
    }

    private static PodSpec pod(Manifests manifests) {
        return manifests.one(DaemonSet.class, NAME).getSpec().getTemplate().getSpec();
    }

    private static CollectorConfig config(Manifests manifests) throws IOException {
        var text = manifests.one(ConfigMap.class, NAME).getData().get("collector.conf");
        var environment = pod(manifests).getContainers().get(0).getEnv().stream()
                .collect(Collectors.toMap(EnvVar::getName, variable -> "a secret, or a node's name"));
        return CollectorConfigFile.load(Files.writeString(folder.resolve("collector.conf"), text), environment);
    }

    private static List<String> secretsOf(PodSpec pod) {
        return pod.getVolumes().stream()
                .filter(volume -> volume.getSecret() != null)
                .flatMap(volume -> volume.getSecret().getItems().stream())
                .map(item -> item.getKey())
                .toList();
    }

    @Test
    void anAgentSendsToThisReleaseAndTrustsItsAuthority() throws IOException {
        var manifests = chart.render("collector: { enabled: true }");
        var config = config(manifests);
        var server = config.servers().get(0);
        var service = manifests.one(Service.class, "metrics-pganalytics");
        assertEquals(service.getMetadata().getName() + ".monitoring.svc", server.host());
        var ports = service.getSpec().getPorts().stream()
                .collect(Collectors.toMap(ServicePort::getName, ServicePort::getPort));
        assertEquals(ports.get("tcp"), server.tcpPort());
        assertEquals(ports.get("http"), server.httpPort());
        assertTrue(server.tls() && server.verifyHost());
        var mounts = pod(manifests).getContainers().get(0).getVolumeMounts().stream()
                .collect(Collectors.toMap(VolumeMount::getMountPath, VolumeMount::getName));
        assertNotNull(mounts.get(server.certificates()));
        assertTrue(mounts.containsKey(config.stateDir().getParent().toString()));
        assertEquals(List.of("ca.crt"), secretsOf(pod(manifests)), "never the servers' key");
    }

    @Test
    void agentsAreStartedAnewWhenTheyAreToSendElsewhere() {
        var sums = Stream.of("", ", serverHost: one.example", ", serverHost: other.example")
                .map(more -> chart.render("collector: { enabled: true%s }".formatted(more))
                        .one(DaemonSet.class, NAME)
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getAnnotations()
                        .get("checksum/config"))
                .distinct()
                .count();
        assertEquals(3, sums);
    }

    @Test
    void anAgentBehindABalancerTrustsWhatTheJvmTrusts() throws IOException {
        var manifests = chart.render(Combinations.all(false) + Combinations.BALANCED);
        var config = config(manifests);
        assertEquals("push.example", config.servers().get(0).host());
        assertEquals("", config.servers().get(0).certificates());
        assertEquals("a secret, or a node's name", config.targets().get(0).password());
        assertEquals(List.of(), secretsOf(pod(manifests)));
        assertEquals("ClusterFirstWithHostNet", pod(manifests).getDnsPolicy());
    }

    @Test
    void whatItKeepsOutlivesThePodUnlessToldOtherwise() {
        var kept = state(pod(chart.render("collector: { enabled: true }")));
        assertEquals("/var/lib/pganalytics-collector", kept.getHostPath().getPath());
        assertEquals(
                "Directory", kept.getHostPath().getType(), "root's own, made by the kubelet, could not be written");
        var lost = state(pod(chart.render("collector: { enabled: true, stateHostPath: \"\" }")));
        assertNull(lost.getHostPath());
        assertNotNull(lost.getEmptyDir());
    }

    private static Volume state(PodSpec pod) {
        return pod.getVolumes().stream()
                .filter(volume -> volume.getName().equals("state"))
                .findFirst()
                .orElseThrow();
    }
}
