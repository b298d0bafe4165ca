package org.pganalytics.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.SomeBatches;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.tls.TestCertificate;
import org.pganalytics.wire.NativeJson;

/** The same push by another client than ours: curl, in every version of HTTP that the door speaks. */
class HttpTlsTest {
    private final UUID collector = UUID.randomUUID();

    @TempDir
    Path folder;

    private String curl(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(
                "curl",
                "-sS",
                "-m",
                "20",
                "-o",
                folder.resolve("answer").toString(),
                "-w",
                "%{http_code} %{http_version}",
                "-H",
                "Authorization: Bearer " + FakeDoorkeeper.token(collector)));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private Path json() throws Exception {
        var json = NativeJson.encode(new BatchPosition(1, 1, 1), List.of(), SomeBatches.blocks(1, 200_000));
        return Files.write(folder.resolve("body"), json.getBytes());
    }

    @ParameterizedTest
    @CsvSource({"--http1.1,1.1", "--http2,2"})
    void curlPushesThroughTls(String flag, String version) throws Exception {
        var certificate = TestCertificate.make(folder, "RSA", "-1d");
        var tls = certificate.config("TLSv1.3", "TLSv1.2");
        try (var http = new HttpFixture(HttpFixture.CONFIG, IngestConfig.standard(), tls)) {
            var base = "https://localhost:" + http.port + "/api/v1/metrics/";
            var ca = certificate.certificate().toString();
            assertEquals("200 " + version, curl(flag, "--cacert", ca, base + "position?instance=" + collector));
            assertEquals("200 " + version, push(flag, "--cacert", ca, base + "push"));
            assertEquals(200_000, http.house.store.stored.get(0).rows());
        }
    }

    private String push(String... flags) throws Exception {
        var arguments = new ArrayList<>(List.of(flags));
        arguments.addAll(List.of("-H", "Content-Type: application/json", "--data-binary", "@" + json()));
        return curl(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"--http1.1,1.1", "--http2-prior-knowledge,2"})
    void curlPushesInTheClear(String flag, String version) throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            var base = "http://localhost:" + http.port + "/api/v1/metrics/";
            assertEquals("200 " + version, curl(flag, "-4", base + "position?instance=" + collector));
            assertEquals("200 " + version, push(flag, "-4", base + "push"));
            assertEquals("200 1.1", push("--http1.1", "-4", "-H", "Transfer-Encoding: chunked", base + "push"));
            assertEquals(1, http.house.store.stored.size());
        }
    }

    /** Uploads go with prior knowledge: an upgrade would have to carry the body over from one version to the other. */
    @Test
    void curlUpgradesFromHttp11InTheClear() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            assertEquals("200 2", curl("--http2", "-4", "http://localhost:" + http.port + "/api/v1/health"));
        }
    }

    @Test
    void anAnswerToARefusedUploadArrives() throws Exception {
        try (var http = new HttpFixture(HttpFixture.CONFIG)) {
            http.house.doorkeeper.revoked.put(collector, true);
            var url = "http://localhost:" + http.port + "/api/v1/metrics/push";
            assertEquals("403 1.1", push("--http1.1", "-4", url));
            assertEquals("403 2", push("--http2-prior-knowledge", "-4", url));
        }
    }
}
