package org.pganalytics.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentNamesTest {
    private static List<String> warnings(String name) {
        return EnvironmentNames.warnings(Map.of(name, "a secret value"));
    }

    @ParameterizedTest
    @CsvSource({
        "PGANALYTICS_HTTP_PROT, PGANALYTICS_HTTP_PORT sets http.port",
        "PGANALYTICS_DATABASE_URI, PGANALYTICS_DATABASE_URL sets database.url",
        "PGANALYTICS_REGISTRATION_SECRETS, PGANALYTICS_REGISTRATION_SECRET sets registration.secret",
        "PGANALYTICS_SPOOL_BYTE_MAX, PGANALYTICS_SPOOL_BYTES_MAX sets spool.bytes-max",
        "PGANALYTICS_TCPPORT, PGANALYTICS_TCP_PORT sets tcp.port",
        "PGANALYTICS_WAREHOUSE_REGION_CODE, no key is spelled like that; docs/configuration.md has them all",
        "PGANALYTICS_, no key is spelled like that; docs/configuration.md has them all"
    })
    void aNameThatSetsNothingIsToldWithTheNearest(String name, String advice) {
        var warnings = warnings(name);
        assertEquals(List.of("the environment variable %s sets nothing: %s".formatted(name, advice)), warnings);
        assertFalse(warnings.toString().contains("a secret value"));
    }

    @Test
    void whatIsOursOrSurelyOfOthersIsNotTold() {
        var environment = new HashMap<String, String>();
        ServerConfigFile.layers()
                .keys()
                .forEach(key -> environment.put(ServerConfigFile.layers().variable(key), ""));
        CollectorConfigFile.layers()
                .keys()
                .forEach(key -> environment.put(CollectorConfigFile.layers().variable(key), ""));
        List.of("PGANALYTICS_JAVA_OPTIONS", "PGANALYTICS", "PATH", "pganalytics_http_prot", "MY_PGANALYTICS_HTTP_PROT")
                .forEach(name -> environment.put(name, ""));
        assertEquals(List.of(), EnvironmentNames.warnings(environment));
        assertEquals(List.of(), EnvironmentNames.warnings(Map.of()));
    }
}
