package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.collector.CollectorConfig;

/** The agents of the chart, held against the agent's own reading of their configuration. */
class CollectorChartTest {
    private static final String NAME = "metrics-pganalytics-collector";

    @TempDir
    static Path folder;

    private static HelmChart chart;
    private static PodConfig read;

    @BeforeAll
    static void open() throws IOException {
        chart = new HelmChart(folder);
        read = new PodConfig(folder);
    }

    private static PodTemplateSpec daemons(Manifests manifests) {
        return manifests.one(DaemonSet.class, NAME).getSpec().getTemplate();
    }

    private static PodSpec pod(Manifests manifests) {
        return daemons(manifests).getSpec();
    }

    private static CollectorConfig config(Manifests manifests) throws IOException {
        return read.collector(manifests);
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
        assertNotNull(mounts.get(read.inPod(Path.of(server.certificates()))));
        assertTrue(mounts.containsKey(config.stateDir().getParent().toString()));
        assertEquals(List.of("ca.crt"), secretsOf(pod(manifests)), "never the servers' key");
    }

    @Test
    void agentsAreStartedAnewWhenTheyAreToSendElsewhere() {
        assertEquals(
                4,
                Stream.of(
                                "",
                                ", serverHost: one.example",
                                ", serverHost: other.example",
                                ", serverHost: one.example, tcpPort: 443")
                        .map(more -> daemons(chart.render("collector: { enabled: true%s }".formatted(more))))
                        .map(Manifests::configSum)
                        .distinct()
                        .count());
    }

    @Test
    void anAgentSendsToThePortsOfTheHostItIsGiven() throws IOException {
        var server = config(chart.render(
                        "collector: { enabled: true, serverHost: push.example, tcpPort: 7443, httpPort: 443 }"))
                .servers()
                .get(0);
        assertEquals(List.of("push.example", 7443, 443), List.of(server.host(), server.tcpPort(), server.httpPort()));
    }

    /** Else a policy that names who may send would shut the release's own agents out. */
    @Test
    void theServersLetTheAgentsInBesidesThoseNamed() {
        var manifests = chart.render("""
                collector: { enabled: true }
                networkPolicy: { from: [ { ipBlock: { cidr: 10.0.0.0/8 } } ] }
                """);
        var from = senders(manifests);
        assertEquals(2, from.size());
        assertEquals("10.0.0.0/8", from.get(0).getIpBlock().getCidr());
        var labels = daemons(manifests).getMetadata().getLabels();
        assertTrue(labels.entrySet()
                .containsAll(from.get(1).getPodSelector().getMatchLabels().entrySet()));
        var servers = manifests.one(NetworkPolicy.class, "metrics-pganalytics").getSpec();
        assertNotEquals(from.get(1).getPodSelector(), servers.getPodSelector());
        assertEquals(List.of(), senders(chart.render("collector: { enabled: true }")), "anybody");
        assertEquals(
                1,
                senders(chart.render("networkPolicy: { from: [ { podSelector: {} } ] }"))
                        .size());
    }

    private static List<NetworkPolicyPeer> senders(Manifests manifests) {
        var policy = manifests.one(NetworkPolicy.class, "metrics-pganalytics");
        return policy.getSpec().getIngress().get(0).getFrom();
    }

    @Test
    void anAgentBehindABalancerTrustsWhatTheJvmTrusts() throws IOException {
        var manifests = chart.render(Combinations.all(false) + Combinations.BALANCED);
        var config = config(manifests);
        assertEquals("push.example", config.servers().get(0).host());
        assertEquals("", config.servers().get(0).certificates());
        assertEquals(PodConfig.GIVEN, config.targets().get(0).password());
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
