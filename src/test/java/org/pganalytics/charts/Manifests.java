package org.pganalytics.charts;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Kubernetes' objects, read as its API server reads them: a kind that is not known, a field that its type has not, or a
 * value of another type is refused.
 *
 * @param text as Helm rendered it
 */
record Manifests(String text, List<HasMetadata> objects) {
    private static final List<Class<? extends HasMetadata>> KINDS = List.of(
            ConfigMap.class,
            CronJob.class,
            DaemonSet.class,
            Deployment.class,
            HorizontalPodAutoscaler.class,
            Ingress.class,
            Job.class,
            NetworkPolicy.class,
            PersistentVolumeClaim.class,
            PodDisruptionBudget.class,
            Service.class,
            ServiceAccount.class,
            ServiceMonitor.class);

    private static final StrictMapper MAPPER = new StrictMapper();
    private static final Map<String, Class<? extends HasMetadata>> BY_KIND = KINDS.stream()
            .collect(Collectors.toMap(
                    type -> HasMetadata.getApiVersion(type) + " " + HasMetadata.getKind(type), type -> type));

    static Set<String> kinds() {
        return KINDS.stream().map(HasMetadata::getKind).collect(Collectors.toCollection(TreeSet::new));
    }

    /** @throws IllegalArgumentException naming the field */
    static Manifests of(String yaml) {
        var loading = new LoaderOptions();
        loading.setAllowDuplicateKeys(false);
        var documents = new Yaml(new SafeConstructor(loading)).loadAll(yaml);
        var objects = new ArrayList<HasMetadata>();
        StreamSupport.stream(documents.spliterator(), false)
                .filter(document -> document != null)
                .forEach(document -> objects.add(object((Map<?, ?>) document)));
        return new Manifests(yaml, List.copyOf(objects));
    }

    private static HasMetadata object(Map<?, ?> document) {
        var kind = document.get("apiVersion") + " " + document.get("kind");
        var type = BY_KIND.get(kind);
        if (type == null) {
            throw new IllegalArgumentException("no kind that is known: " + kind);
        }
        return MAPPER.read(document, type);
    }

    <T extends HasMetadata> List<T> all(Class<T> kind) {
        return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    <T extends HasMetadata> T one(Class<T> kind, String name) {
        return find(kind, name).orElseThrow(() -> new AssertionError("no %s %s in%n%s".formatted(kind, name, text)));
    }

    <T extends HasMetadata> Optional<T> find(Class<T> kind, String name) {
        return all(kind).stream()
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst();
    }

    boolean has(Class<? extends HasMetadata> kind) {
        return !all(kind).isEmpty();
    }

    /** Which a pod is started anew for when it differs. */
    static String configSum(PodTemplateSpec pod) {
        return pod.getMetadata().getAnnotations().get("checksum/config");
    }

    /** Of everything that runs. */
    List<PodTemplateSpec> pods() {
        return Stream.of(
                        all(Deployment.class).stream()
                                .map(each -> each.getSpec().getTemplate()),
                        all(DaemonSet.class).stream().map(each -> each.getSpec().getTemplate()),
                        all(Job.class).stream().map(each -> each.getSpec().getTemplate()),
                        all(CronJob.class).stream()
                                .map(each -> each.getSpec()
                                        .getJobTemplate()
                                        .getSpec()
                                        .getTemplate()))
                .flatMap(templates -> templates)
                .toList();
    }
}
