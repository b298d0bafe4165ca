package org.pganalytics.admission;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.bus.Event;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.http.Problems;

/** Registration and renewal as an HTTP client sees them. */
class RegistrationRoutesIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static TestDatabase database;
    private static Office office;
    private static HttpServer server;

    @BeforeAll
    static void open() {
        database = TestDatabase.create().migrated();
        office = Office.open(database);
        var router = Router.router(office.vertx);
        new RegistrationRoutes(
                        office.doorkeeper,
                        office.bus,
                        ctx -> ctx.request().remoteAddress().hostAddress(),
                        Duration.ofSeconds(60),
                        Clock.systemUTC())
                .mount(router);
        Problems.install(router);
        server = Office.await(
                office.vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    }

    @AfterAll
    static void close() {
        Office.await(server.close());
        office.close();
        database.close();
    }

    private static HttpRequest.Builder to(String path, String body) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:%d/api/v1/collectors/%s".formatted(server.actualPort(), path)))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> register(String body) throws IOException, InterruptedException {
        return send(to("register", body).header("X-Registration-Secret", Office.SECRET));
    }

    private static void problem(int status, String fault, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals("urn:pganalytics:fault:" + fault, new JsonObject(answer.body()).getString("type"));
        assertFalse(answer.body().contains(Office.SECRET), answer.body());
    }

    @Test
    void aCollectorRegistersAndRenewsItsToken() throws Exception {
        var before = Instant.now();
        var answer = register("{\"hostname\":\"db-7\",\"name\":\"db-7\",\"version\":\"3.0.0\"}");
        assertEquals(201, answer.statusCode(), answer.body());
        assertEquals("no-store", answer.headers().firstValue("Cache-Control").orElseThrow());
        var made = new JsonObject(answer.body());
        var id = UUID.fromString(made.getString("collector_id"));
        assertEquals(3_600, made.getInteger("expires_in"));
        assertTrue(Instant.parse(made.getString("expires_at")).isAfter(before.plusSeconds(3_500)));
        assertEquals(
                id,
                Office.await(office.doorkeeper.authenticate(made.getString("token")))
                        .collector());

        var renewal = new JsonObject()
                .put("collector_id", id.toString())
                .put("refresh_secret", made.getString("refresh_secret"));
        var renewed = send(to("refresh-token", renewal.encode()));
        assertEquals(200, renewed.statusCode(), renewed.body());
        assertEquals(made.fieldNames(), new JsonObject(renewed.body()).fieldNames());
    }

    /** Its token would be taken for months after it expired. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'hostname':'h','name':'h','version':'3.0.0'} | 200",
                "{'hostname':'h','name':'h','version':'3.12'} | 200",
                "{'name':'h','version':'3.0.0'} | 401",
                "{'hostname':'h','name':'other','version':'3.0.0'} | 401",
                "{'hostname':'h','name':'h','version':'30.1'} | 401",
                "{'hostname':'h','name':'h','version':'4.0.0'} | 401",
                "{'hostname':'h','name':'h'} | 401"
            })
    void onlyAVersion3CollectorExchangesItsTokenForANewOne(String body, int status) throws Exception {
        var made = new JsonObject(register(body.replace('\'', '"')).body());
        var exchange = to("refresh-token", "").header("Authorization", "Bearer " + made.getString("token"));
        assertEquals(status, send(exchange).statusCode());
    }

    @Test
    void aWrongSecretIsAProblemAndAnEvent() throws Exception {
        problem(401, "UNAUTHENTICATED", send(to("register", "{\"name\":\"x\"}")));
        problem(
                401,
                "UNAUTHENTICATED",
                send(to("register", "{\"name\":\"x\"}").header("X-Registration-Secret", "wrong, but long enough")));
        await().until(() -> office.events.stream().anyMatch(Event.StrangerRefused.class::isInstance));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "7",
                "\"text\"",
                "{}",
                "{\"name\":7}",
                "{\"name\":null}",
                "{\"name\":\"\"}",
                "{\"name\":\"a\",\"version\":{}}",
                "{\"hostname\":[\"a\"]}",
                "{\"name\":\"a\\u0000b\"}"
            })
    void aBodyThatIsNotTheFormIsRefused(String body) throws Exception {
        problem(400, "BAD_REQUEST", register(body));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|400|BAD_REQUEST",
                "{\"collector_id\":\"x\",\"refresh_secret\":\"s\"}|400|BAD_REQUEST",
                "{\"refresh_secret\":\"unknown\"}|404|COLLECTOR_UNKNOWN"
            })
    void aRenewalThatCannotBeIsRefused(String body, int status, String fault) throws Exception {
        problem(status, fault, send(to("refresh-token", body)));
    }

    @Test
    void aBodyBeyondItsLimitAndAnotherMediaTypeAreRefused() throws Exception {
        problem(413, "TOO_LARGE", register("{\"name\":\"%s\"}".formatted("x".repeat(17 << 10))));
        var text = to("register", "{\"name\":\"a\"}").setHeader("Content-Type", "text/plain");
        problem(415, "UNSUPPORTED_MEDIA", send(text.header("X-Registration-Secret", Office.SECRET)));
    }
}
