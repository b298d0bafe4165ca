package org.pganalytics.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fleet.ConfigReport;
import org.pganalytics.ingest.FakeDoorkeeper;

/** Collectors ask for their configuration over HTTP. */
class ConfigRoutesTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final UUID collector = UUID.randomUUID();
    private HttpFixture http;

    @BeforeEach
    void open() throws Exception {
        http = new HttpFixture(HttpFixture.CONFIG);
        http.house.configs.tag = "base@1";
        http.house.configs.document = "{\"skip\":[]}";
    }

    @AfterEach
    void close() throws Exception {
        http.close();
    }

    private HttpRequest.Builder request(String token) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port + "/api/v1/collectors/self/config"))
                .header("Authorization", "Bearer " + token);
    }

    private HttpResponse<String> get(String... tags) throws Exception {
        var request = request(FakeDoorkeeper.token(collector));
        if (tags.length > 0) {
            request.header("If-None-Match", String.join(", ", tags));
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String body) throws Exception {
        return CLIENT.send(
                request(FakeDoorkeeper.token(collector))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void theDocumentComesWithItsTagAndNotToWhoHasIt() throws Exception {
        var answer = get();
        assertEquals(200, answer.statusCode());
        assertEquals("{\"tag\":\"base@1\",\"document\":{\"skip\":[]}}", answer.body());
        assertEquals("\"base@1\"", answer.headers().firstValue("ETag").orElseThrow());

        for (var tag : new String[] {"\"base@1\"", "W/\"base@1\"", "base@1"}) {
            var same = get("\"base@0\"", tag);
            assertEquals(304, same.statusCode());
            assertEquals("", same.body());
        }
        assertEquals(200, get("\"base@0\"").statusCode());
    }

    @Test
    void withoutAConfigurationThereIsNoDocument() throws Exception {
        http.house.configs.tag = "";
        for (var answer : new HttpResponse<?>[] {get(), get("\"base@1\""), get("\"\"")}) {
            assertEquals(200, answer.statusCode());
            assertEquals("{\"tag\":\"\",\"document\":null}", answer.body());
        }
    }

    @Test
    void aReportIsKept() throws Exception {
        assertEquals(
                204,
                post("{\"running\":\"base@1\",\"refused\":\"b\",\"note\":\"why\",\"labels\":[\"owner=O'Brien\"]}")
                        .statusCode());
        assertEquals(204, post("{}").statusCode());
        assertEquals(
                java.util.List.of(
                        new ConfigReport("base@1", "b", "why", Set.of("owner=O'Brien")),
                        new ConfigReport("", "", "", Set.of())),
                http.house.configs.reports);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{\"running\":5}",
                "{\"running\":null}",
                "{\"labels\":\"x\"}",
                "{\"labels\":[5]}",
                "{\"labels\":[null]}",
                "{\"note\":\"a\\u0000b\"}",
                "{\"running\":\"\\n\"}",
                "{"
            })
    void whatIsNoReportIsRefused(String body) throws Exception {
        var answer = post(body);
        assertEquals(400, answer.statusCode(), answer.body());
        assertTrue(http.house.configs.reports.isEmpty());
    }

    @Test
    void aHugeReportIsRefusedBeforeItIsHeld() throws Exception {
        assertEquals(413, post("{\"note\":\"" + "x".repeat(10 << 20) + "\"}").statusCode());
        assertEquals(400, post("{\"running\":\"" + "x".repeat(129) + "\"}").statusCode());
        assertTrue(http.house.configs.reports.isEmpty());
    }

    @Test
    void strangersGetNothing() throws Exception {
        var answer = CLIENT.send(request("nobody's token").build(), BodyHandlers.ofString());
        assertEquals(401, answer.statusCode());
        http.house.configs.failure = Fault.STORE_DOWN.because("away");
        assertEquals(503, get().statusCode());
        http.house.configs.failure = null;
        assertEquals(200, get().statusCode(), "a failed request is over");
    }
}
