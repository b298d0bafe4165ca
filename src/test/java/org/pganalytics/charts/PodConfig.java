package org.pganalytics.charts;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.config.ServerConfigFile;

/**
 * What the programs read in rendered pods: the file that is mounted where they look for it, and variables of the kind that
 * their Secrets hold.
 */
final class PodConfig {
    /** Of a variable that a Secret or the cluster gives. */
    static final String GIVEN = "a secret of 32 characters or more";

    /** Where commands look that are not told: below the image's WORKDIR. */
    static final String USUAL = "/opt/pganalytics/conf/pganalytics.conf";

    private static final String MOUNTED = "/etc/pganalytics";
    private static final List<String> FILES = List.of(
            "tls/tls.crt",
            "tls/tls.key",
            "collectors/tls.crt",
            "collectors/tls.key",
            "redis/ca.crt",
            "keys/secrets.keys",
            "keys/audit.keys");
    private static final Map<String, String> OF_A_KIND =
            Map.of("PGANALYTICS_DATABASE_URL", "postgresql://pganalytics@db.example/pganalytics?sslmode=require");

    private final Path folder;
    private final Path etc;

    /** @param folder an empty directory of the test's */
    PodConfig(Path folder) throws IOException {
        this.folder = folder;
        this.etc = folder.resolve("etc");
        Files.createDirectories(etc.resolve("tls"));
        Files.createDirectories(etc.resolve("redis"));
        Files.createDirectories(etc.resolve("collectors"));
        Files.createDirectories(etc.resolve("keys"));
        for (var file : FILES) {
            Files.createFile(etc.resolve(file));
        }
    }

    ServerConfig server(Manifests manifests) throws IOException {
        var pod = manifests.all(Deployment.class).get(0).getSpec().getTemplate();
        return ServerConfigFile.load(
                file(manifests, pod, container(pod).getArgs().get(2)), environment(pod));
    }

    CollectorConfig collector(Manifests manifests) throws IOException {
        var pod = manifests.all(DaemonSet.class).get(0).getSpec().getTemplate();
        return CollectorConfigFile.load(
                file(manifests, pod, container(pod).getArgs().get(2)), environment(pod));
    }

    /** Of a command that ends by itself, such as the migration. */
    ServerConfig command(Manifests manifests, PodTemplateSpec pod) throws IOException {
        return ServerConfigFile.load(file(manifests, pod, USUAL), environment(pod));
    }

    /** Where a file that the configuration names is in the pod: those that are named must be there, so they are here. */
    String inPod(Path file) {
        return Path.of(MOUNTED).resolve(etc.relativize(file)).toString();
    }

    private Path file(Manifests manifests, PodTemplateSpec pod, String path) throws IOException {
        var mount = container(pod).getVolumeMounts().stream()
                .filter(each -> each.getMountPath().equals(path))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing is mounted as " + path));
        var volume = pod.getSpec().getVolumes().stream()
                .filter(each -> each.getName().equals(mount.getName()))
                .findFirst()
                .orElseThrow();
        var text = manifests
                .one(ConfigMap.class, volume.getConfigMap().getName())
                .getData()
                .get(mount.getSubPath());
        return Files.writeString(folder.resolve("read.conf"), text.replace(MOUNTED, etc.toString()));
    }

    private static Map<String, String> environment(PodTemplateSpec pod) {
        var environment = new HashMap<String, String>();
        for (var variable : container(pod).getEnv()) {
            var given = OF_A_KIND.getOrDefault(variable.getName(), GIVEN);
            environment.put(variable.getName(), variable.getValue() == null ? given : variable.getValue());
        }
        return environment;
    }

    private static Container container(PodTemplateSpec pod) {
        return pod.getSpec().getContainers().get(0);
    }
}
