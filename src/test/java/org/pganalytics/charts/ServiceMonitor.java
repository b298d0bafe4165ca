package org.pganalytics.charts;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;

/** What we use of the Prometheus operator's ServiceMonitor, as its reference (monitoring.coreos.com/v1) has it. */
@JsonDeserialize(using = JsonDeserializer.None.class)
@Group("monitoring.coreos.com")
@Version("v1")
final class ServiceMonitor implements HasMetadata {
    private static final long serialVersionUID = 1;

    @JsonProperty
    private String apiVersion;

    @JsonProperty
    private String kind;

    @JsonProperty
    private ObjectMeta metadata;

    @JsonProperty
    private transient Spec spec;

    record Spec(LabelSelector selector, NamespaceSelector namespaceSelector, List<Endpoint> endpoints) {}

    record NamespaceSelector(List<String> matchNames) {}

    record Endpoint(String port, String path, String interval, String scheme, Tls tlsConfig) {}

    record Tls(String serverName, Authority ca) {}

    record Authority(SecretKeySelector secret) {}

    Spec spec() {
        return spec;
    }

    @Override
    public String getApiVersion() {
        return apiVersion;
    }

    @Override
    public void setApiVersion(String version) {
        apiVersion = version;
    }

    @Override
    public String getKind() {
        return kind;
    }

    @Override
    public ObjectMeta getMetadata() {
        return metadata;
    }

    @Override
    public void setMetadata(ObjectMeta fresh) {
        metadata = fresh;
    }
}
