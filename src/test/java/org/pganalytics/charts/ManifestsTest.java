package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What reads the manifests in these tests is as strict as an API server. */
class ManifestsTest {
    private static final String GOOD = """
            apiVersion: v1
            kind: Service
            metadata: { name: "s", labels: { a: "1" } }
            spec: { type: ClusterIP, ports: [ { name: tcp, port: 7431, targetPort: tcp } ] }
            """;

    @Test
    void whatIsRightIsRead() {
        var service = Manifests.of(GOOD).one(Service.class, "s");
        assertEquals(7431, service.getSpec().getPorts().get(0).getPort());
        assertEquals("tcp", service.getSpec().getPorts().get(0).getTargetPort().getStrVal());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "type: ClusterIP, typo: ClusterIP, Unrecognized field",
                "metadata:, meta:, Unrecognized field",
                "port: 7431, prot: 7431, Unrecognized field",
                "port: 7431, port: \"7431\", Cannot coerce String value",
                "port: 7431, port: 74.5, Cannot coerce",
                "a: \"1\", a: 1, Cannot coerce Integer value",
                "a: \"1\", a: true, Cannot coerce Boolean value",
                "name: tcp, name: [tcp], from Array value",
                "kind: Service, kind: Servant, no kind that is known",
                "apiVersion: v1, apiVersion: v2, no kind that is known",
                "name: tcp, port: 1, found duplicate key"
            })
    void whatIsWrongIsRefused(String right, String wrong, String message) {
        assertTrue(GOOD.contains(right), right);
        var failure = assertThrows(RuntimeException.class, () -> Manifests.of(GOOD.replace(right, wrong)));
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }
}
