package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pganalytics.config.EnvironmentNames;

/** What holds for every object of the chart, whatever values it is rendered with. */
class ChartTest {
    /** The only variable whose value stands in a manifest. */
    private static final Set<String> OPEN = Set.of("PGANALYTICS_JAVA_OPTIONS");

    private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    @TempDir
    static Path folder;

    private static HelmChart chart;

    @BeforeAll
    static void open() {
        chart = new HelmChart(folder);
    }

    @Test
    void helmFindsNothingToLint() {
        var lint = HelmChart.lint();
        assertFalse(lint.isFailed(), lint.getMessages()::toString);
        assertEquals(List.of("[INFO] Chart.yaml: icon is recommended"), lint.getMessages());
    }

    /** To parse them is to hold every field to its type. */
    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void objectsAreNamedOnceAndLabelled(String values) {
        var manifests = chart.render(values);
        var names = new TreeSet<String>();
        for (var object : manifests.objects()) {
            var name = object.getMetadata().getName();
            assertTrue(names.add(object.getKind() + " " + name), () -> "twice: " + name);
            assertTrue(NAME.matcher(name).matches(), name);
            assertEquals("metrics", object.getMetadata().getLabels().get("app.kubernetes.io/instance"), name);
        }
        assertFalse(manifests.text().lines().anyMatch(line -> line.endsWith(" ")), manifests::text);
    }

    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void nothingRunsWithRights(String values) {
        for (var pod : chart.render(values).pods()) {
            var spec = pod.getSpec();
            assertEquals(false, spec.getAutomountServiceAccountToken());
            assertEquals(true, spec.getSecurityContext().getRunAsNonRoot());
            assertEquals(
                    "RuntimeDefault",
                    spec.getSecurityContext().getSeccompProfile().getType());
            assertEquals(List.of(), spec.getInitContainers());
            for (var container : spec.getContainers()) {
                var allowed = container.getSecurityContext();
                assertEquals(false, allowed.getAllowPrivilegeEscalation());
                assertEquals(true, allowed.getReadOnlyRootFilesystem());
                assertEquals(List.of("ALL"), allowed.getCapabilities().getDrop());
                assertEquals(List.of(), allowed.getCapabilities().getAdd());
                assertTrue(container.getResources().getLimits().containsKey("memory"));
                assertTrue(container.getResources().getRequests().keySet().containsAll(Set.of("cpu", "memory")));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void secretsAreNamedAndNeverHeld(String values) {
        var manifests = chart.render(values);
        assertFalse(manifests.text().contains("kind: Secret\n"));
        for (var pod : manifests.pods()) {
            var variables = environment(pod);
            for (var variable : variables) {
                assertEquals(OPEN.contains(variable.getName()), variable.getValue() != null, variable.getName());
            }
            var ours = variables.stream().collect(Collectors.toMap(EnvVar::getName, each -> "x"));
            assertEquals(List.of(), EnvironmentNames.warnings(ours), "no variable that sets nothing");
        }
    }

    private static List<EnvVar> environment(PodTemplateSpec pod) {
        return pod.getSpec().getContainers().stream()
                .flatMap(container -> container.getEnv().stream())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void whatIsMountedIsThereAndTheRestIsReadOnly(String values) {
        var manifests = chart.render(values);
        for (var pod : manifests.pods()) {
            var volumes = pod.getSpec().getVolumes().stream()
                    .collect(Collectors.toMap(Volume::getName, each -> each, (one, twice) -> null, TreeMap::new));
            var mounted = new TreeSet<String>();
            for (var mount : pod.getSpec().getContainers().get(0).getVolumeMounts()) {
                mounted.add(mount.getName());
                assertNotNull(volumes.get(mount.getName()), mount.getName());
                assertKept(mount, volumes.get(mount.getName()), manifests);
            }
            assertEquals(mounted, volumes.keySet(), "every volume is mounted");
        }
    }

    private static void assertKept(VolumeMount mount, Volume volume, Manifests manifests) {
        boolean given = volume.getConfigMap() != null || volume.getSecret() != null || volume.getProjected() != null;
        assertEquals(given ? true : null, mount.getReadOnly(), mount.getName());
        if (volume.getConfigMap() != null) {
            var map = manifests.one(ConfigMap.class, volume.getConfigMap().getName());
            assertTrue(map.getData().containsKey(mount.getSubPath()), mount.getSubPath());
        }
        if (volume.getPersistentVolumeClaim() != null) {
            manifests.one(
                    PersistentVolumeClaim.class,
                    volume.getPersistentVolumeClaim().getClaimName());
        }
    }

    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void servicesLeadToPortsOfTheServers(String values) {
        var manifests = chart.render(values);
        var deployment = manifests.one(Deployment.class, "metrics-pganalytics").getSpec();
        var labels = deployment.getTemplate().getMetadata().getLabels();
        assertTrue(labels.entrySet()
                .containsAll(deployment.getSelector().getMatchLabels().entrySet()));
        var ports = deployment.getTemplate().getSpec().getContainers().get(0).getPorts().stream()
                .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
        for (var service : manifests.all(Service.class)) {
            assertTrue(labels.entrySet()
                    .containsAll(service.getSpec().getSelector().entrySet()));
            for (var port : service.getSpec().getPorts()) {
                var inside = ports.get(port.getTargetPort().getStrVal());
                assertNotNull(inside, port.getName());
                if (!"LoadBalancer".equals(service.getSpec().getType())) {
                    assertEquals(inside, port.getPort());
                }
            }
        }
    }

    /** Pods of jobs and agents are none of the servers': no Service may lead to them. */
    @ParameterizedTest
    @MethodSource("org.pganalytics.charts.Combinations#every")
    void onlyServersAreChosenByTheServices(String values) {
        var manifests = chart.render(values);
        var selector =
                manifests.one(Service.class, "metrics-pganalytics").getSpec().getSelector();
        var chosen = manifests.pods().stream()
                .filter(pod -> pod.getMetadata().getLabels().entrySet().containsAll(selector.entrySet()))
                .flatMap(pod -> pod.getSpec().getContainers().stream())
                .map(Container::getName)
                .toList();
        assertEquals(List.of("server"), chosen);
    }

    @Test
    void allKindsOfTheChartAreInTheCombinations() {
        var kinds = Combinations.every()
                .flatMap(values -> chart.render(values).objects().stream())
                .map(HasMetadata::getKind)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Manifests.kinds(), kinds);
    }
}
