package org.pganalytics.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.tls.TestCertificate;

/** What others look for: testssl.sh and slowhttptest against the HTTP door, with the shipped limits. */
class ScannersIT {
    /** Of the scanner's own OpenSSL, which lacks GOST. */
    private static final Set<String> OF_THE_SCANNER = Set.of("engine_problem");

    @TempDir
    static Path folder;

    private static HttpFixture http;

    @BeforeAll
    static void open() throws Exception {
        var tls = TestCertificate.make(folder, "EC", "-1d").config("TLSv1.3", "TLSv1.2");
        http = new HttpFixture(HttpFixture.CONFIG, IngestConfig.standard(), tls);
    }

    @AfterAll
    static void close() throws Exception {
        http.close();
    }

    private static String run(List<String> command) throws Exception {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private static void assumeThereIs(String program) {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin", program)), program + " is not installed; ./verify does it");
    }

    /** Protocols, kinds of ciphers, renegotiation, compression: no finding but what is good or for information. */
    @Test
    void testsslFindsNothing() throws Exception {
        assumeThereIs("testssl");
        var findings = folder.resolve("findings.json");
        var command = new ArrayList<>(List.of("testssl", "--quiet", "--color", "0", "--warnings", "off"));
        command.addAll(List.of("--openssl-timeout", "5", "--ip", "127.0.0.1", "-p", "-s", "-R", "-C", "-B"));
        command.addAll(List.of("--jsonfile", findings.toString(), "127.0.0.1:" + http.port));
        var output = run(command);
        Map<String, String> bad = new TreeMap<>();
        Map<String, String> all = new TreeMap<>();
        for (var each : new JsonArray(Files.readString(findings))) {
            var finding = (JsonObject) each;
            all.put(finding.getString("id"), finding.getString("finding"));
            if (!Set.of("OK", "INFO", "DEBUG").contains(finding.getString("severity"))) {
                bad.put(finding.getString("id"), finding.getString("finding"));
            }
        }
        bad.keySet().removeAll(OF_THE_SCANNER);
        assertEquals(Map.of(), bad, output);
        assertEquals("offered with final", all.get("TLS1_3"), output);
        assertEquals("not offered", all.get("TLS1_1"), output);
        assertTrue(
                all.keySet().containsAll(List.of("cipherlist_AVERAGE", "secure_client_renego", "CRIME_TLS")),
                all::toString);
    }

    /** Slow heads, slow bodies, slow readers: 150 at once for some seconds, and somebody else is served all the time. */
    @ParameterizedTest
    @ValueSource(strings = {"-H -i 2", "-B -i 2 -s 8192 -t POST", "-X -w 10 -y 20 -n 2 -z 5 -k 3"})
    void slowOnesKeepNobodyElseOut(String kind) throws Exception {
        assumeThereIs("slowhttptest");
        var command =
                new ArrayList<>(List.of("slowhttptest", "-c", "150", "-r", "100", "-l", "3", "-x", "24", "-p", "2"));
        command.addAll(List.of(kind.split(" ")));
        command.addAll(List.of("-u", "https://127.0.0.1:%d/api/v1/health".formatted(http.port)));
        var output = run(command).replaceAll("\u001b\\[[0-9;]*m", "");
        assertTrue(output.matches("(?s).*service available:\\s+YES.*"), output);
        assertFalse(output.matches("(?s).*service available:\\s+NO.*"), output);
        var served = run(List.of(
                "curl",
                "-sk",
                "-m",
                "20",
                "-w",
                "%{http_code}",
                "-o",
                "/dev/null",
                "https://127.0.0.1:%d/api/v1/health".formatted(http.port)));
        assertEquals("200", served);
    }
}
