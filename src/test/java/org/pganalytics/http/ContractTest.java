package org.pganalytics.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.openapi.contract.OpenAPIVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** docs/openapi.yaml is the contract: it is one, and requests are held to it. */
class ContractTest {
    private static final Contract CONTRACT = Contract.ofClassPath();

    private static Operation operation(String id) {
        return CONTRACT.operations().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, Object> query(String operation, String... pairs) {
        var query = new java.util.HashMap<String, List<String>>();
        for (int i = 0; i < pairs.length; i += 2) {
            query.computeIfAbsent(pairs[i], name -> new ArrayList<>()).add(pairs[i + 1]);
        }
        return operation(operation).read(Map.of(), query);
    }

    private static String refused(org.junit.jupiter.api.function.Executable read) {
        var refusal = assertThrows(FaultException.class, read);
        assertEquals(Fault.BAD_REQUEST, refusal.fault());
        return refusal.detail();
    }

    @Test
    void theFileFollowsTheSchemaOfOpenApi() throws Exception {
        var vertx = Vertx.vertx();
        try {
            var document = ContractCheck.document();
            var found = OpenAPIVersion.V3_1
                    .getRepository(vertx, "app://")
                    .compose(schemas -> OpenAPIVersion.V3_1.validateContract(vertx, schemas, document))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            assertTrue(found.getValid(), () -> found.toJson().encodePrettily());
        } finally {
            vertx.close();
        }
    }

    @Test
    void operationsHaveNamesOfTheirOwn() {
        var ids = CONTRACT.operations().stream().map(Operation::id).toList();
        assertEquals(ids.size(), ids.stream().distinct().count());
        assertTrue(ids.size() > 10);
    }

    @Test
    void whatIsLeftOutHasItsDefault() {
        assertEquals(Map.of("limit", 100L, "sort", "name"), query("listCollectors"));
        assertEquals(7L, query("listCollectors", "limit", "7").get("limit"));
    }

    @Test
    void aValueArrivesAsItWasWrittenWhateverItLooksLike() {
        for (var name :
                List.of("a+b", "100%", "%41", "1.5", "true", "null", "[1]", "\"x\"", "a,b", "ü😀", "' OR 1=1 --")) {
            assertEquals(name, query("listTargets", "name", name).get("name"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit|0|query parameter 'limit' = '0' must be an integer from 1 to 1000",
                "limit|1001|query parameter 'limit' = '1001' must be an integer from 1 to 1000",
                "limit|ten|query parameter 'limit' = 'ten' must be an integer from 1 to 1000",
                "limit|1e2|query parameter 'limit' = '1e2' must be an integer from 1 to 1000",
                "limit|99999999999999999999|query parameter 'limit' = '99999999999999999999' must be an integer from 1"
                        + " to 1000",
                "sort|id; DROP TABLE collector|query parameter 'sort' = 'id; DROP TABLE collector' must be one of name,"
                        + " -name, registered_at, -registered_at",
                "seen_before|yesterday|query parameter 'seen_before' = 'yesterday' must be a time such as"
                        + " 2026-11-21T08:30:00Z",
                "seen_before|2026-02-30T00:00:00Z|query parameter 'seen_before' = '2026-02-30T00:00:00Z' must be a time"
                        + " such as 2026-11-21T08:30:00Z",
                "seen_before|2026-11-21T08:30:00|query parameter 'seen_before' = '2026-11-21T08:30:00' must be a time such"
                        + " as 2026-11-21T08:30:00Z",
                "name|''|query parameter 'name' = '' must be text of 1 to 255 characters",
                "limt|5|there is a query parameter that this address does not take; it takes: cursor, limit, name,"
                        + " seen_before, sort, state"
            })
    void aWrongValueIsRefusedWithWhatIsAllowed(String parameter, String value, String detail) {
        assertEquals(detail, refused(() -> query("listCollectors", parameter, value)));
    }

    @Test
    void aValueIsShownInPartAndWithoutWhatATerminalWouldObey() {
        var shown = refused(() -> query("listCollectors", "sort", "\u001b[2J" + "x".repeat(10_000)));
        assertTrue(shown.contains("'?[2Jxxx") && shown.length() < 250, shown);
    }

    @Test
    void whatMayStandOnceIsRefusedTwice() {
        assertEquals(
                "query parameter 'limit' stands 2 times, allowed is once",
                refused(() -> query("listCollectors", "limit", "1", "limit", "2")));
    }

    @Test
    void aPathParameterIsHeldToItsForm() {
        assertEquals(
                "path parameter 'collector' = 'x' must be a UUID",
                refused(() -> operation("showCollector").read(Map.of("collector", "x"), Map.of())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "null", "7", "\"x\"", "{\"name\":\"a\"} x", "\u0000"})
    void aBodyThatIsNoObjectIsRefused(String body) {
        refused(() -> operation("createSecret").read("application/json", Buffer.buffer(body)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"name\":7}",
                "{\"name\":\"-a\"}",
                "{\"name\":\"a\",\"days\":0}",
                "{\"name\":\"a\",\"days\":1.5}",
                "{\"name\":\"a\",\"day\":1}",
                "{\"name\":\"a\",\"days\":\"1\"}"
            })
    void aBodyOfAnotherFormIsRefused(String body) {
        var detail = refused(() -> operation("createSecret").read("application/json", Buffer.buffer(body)));
        assertTrue(detail.startsWith("the body") && detail.contains("/api/v1/openapi.yaml"), detail);
    }

    @Test
    void aBodyOfAnotherMediaTypeIsRefused() {
        var refusal = assertThrows(
                FaultException.class, () -> operation("createSecret").read("text/plain", Buffer.buffer("{}")));
        assertEquals(Fault.UNSUPPORTED_MEDIA, refusal.fault());
        assertEquals(
                "a",
                operation("createSecret")
                        .read("Application/JSON; charset=utf-8", Buffer.buffer("{\"name\":\"a\"}"))
                        .getString("name"));
    }

    @Test
    void aCursorBelongsToItsRequest() {
        var call = new Call(operation("listTargets"), null, null, query("listTargets", "name", "a"), null);
        var cursor = Cursor.of(call, List.of("7"));
        var next = new Call(
                operation("listTargets"),
                null,
                null,
                query("listTargets", "name", "a", "cursor", cursor, "limit", "3"),
                null);
        assertEquals("7", Cursor.read(next, 1, values -> values.get(0)).orElseThrow());
        for (var other : new String[] {"b", "A"}) {
            var another = new Call(
                    operation("listTargets"), null, null, query("listTargets", "name", other, "cursor", cursor), null);
            refused(() -> Cursor.read(another, 1, values -> values.get(0)));
        }
        refused(() -> Cursor.read(next, 2, values -> values.get(0)));
        refused(() -> Cursor.read(next, 1, values -> java.util.UUID.fromString(values.get(0))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "====", "W10", "bnVsbA", "WzEsMl0", "e30", "%00", "W1tbW1s"})
    void aMadeUpCursorIsRefused(String cursor) {
        var call = new Call(operation("listTargets"), null, null, query("listTargets", "cursor", cursor), null);
        assertTrue(refused(() -> Cursor.read(call, 1, values -> values.get(0))).contains("'cursor'"));
    }
}
