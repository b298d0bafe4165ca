package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.Digest;

/** The JSON form carries the same batches, and what is wrong with it is told apart by whether its position is known. */
class NativeJsonTest {
    private static final String POSITION = "{\"epoch\":\"1\",\"sequence\":\"5\",\"covers_from\":\"5\",";
    private static final String BLOCK =
            "{\"family\":\"f\",\"columns\":[{\"name\":\"a\",\"type\":\"%s\",\"role\":\"gauge\"}],"
                    + "\"target\":\"db1\",\"collected_at\":\"1790000000000000\",\"rows\":[[%s]]}";

    private final NativeJson json = new NativeJson(WireLimits.standard());

    @Property(tries = 300)
    void anyBatchComesBackFromJson(@ForAll long seed) {
        var batches = new Batches(seed);
        var blocks = batches.blocks((int) (seed & 3), 40);
        var position = batches.position();
        var losses = batches.losses();
        var text = NativeJson.encode(position, losses, blocks);

        var push = json.parse(text);

        assertEquals(
                new JsonPush(position, Digest.of(text.getBytes()), losses, new BatchContent.Decoded(blocks)), push);
    }

    @Property(tries = 10)
    void everyTruncationIsRefusedAndSettledWhenThePositionIsThere(@ForAll long seed) {
        var batches = new Batches(seed);
        var text = NativeJson.encode(batches.position(), batches.losses(), batches.blocks(1, 3));
        int position = text.toString().indexOf(",\"losses");
        for (int end = (int) (seed & 3); end < text.length(); end += 4) {
            var cut = text.slice(0, end);
            if (end < position) {
                refused(Fault.BAD_REQUEST, cut);
            } else if (end > position) {
                settled(Fault.UNDECODABLE, cut);
            }
        }
    }

    @Property(tries = 10)
    void noFlippedBitLetsAnotherExceptionOut(@ForAll long seed) {
        var batches = new Batches(seed);
        var text = NativeJson.encode(batches.position(), batches.losses(), batches.blocks(1, 3))
                .getBytes();
        for (int bit = (int) (seed & 7); bit < 8 * text.length; bit += 9) {
            text[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                json.parse(Buffer.buffer(text));
            } catch (FaultException refused) {
                assertEquals(Fault.BAD_REQUEST, refused.fault());
            }
            text[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{}",
                "{\"sequence\":\"5\"}",
                "{\"blocks\":[]}",
                "{\"epoch\":\"1\",\"epoch\":\"1\"",
                "{\"epoch\":\"0\",\"sequence\":\"5\",\"covers_from\":\"5\",\"blocks\":[]}",
                "{\"epoch\":\"2147483648\",\"sequence\":\"5\",\"covers_from\":\"5\",\"blocks\":[]}",
                "{\"epoch\":\"1\",\"sequence\":\"5\",\"covers_from\":\"6\",\"blocks\":[]}",
                "{\"epoch\":\"1\",\"sequence\":\"5\",\"covers_from\":\"0\",\"blocks\":[]}",
                "{\"epoch\":\"1\",\"sequence\":9007199254740992,\"covers_from\":\"1\",\"blocks\":[]}",
                "{\"epoch\":\"1\",\"sequence\":\"9223372036854775808\",\"covers_from\":\"1\",\"blocks\":[]}",
                "{\"epoch\":\"1\",\"sequence\":\"٥\",\"covers_from\":\"1\",\"blocks\":[]}",
                "{\"epoch\":1.0,\"sequence\":\"5\",\"covers_from\":\"1\",\"blocks\":[]}",
                "{\"epoch\":true,\"sequence\":\"5\",\"covers_from\":\"1\",\"blocks\":[]}",
            })
    void withoutAPositionItIsABadRequest(String text) {
        refused(Fault.BAD_REQUEST, Buffer.buffer(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"blocks\":[]",
                "\"blocks\":[]}{}",
                "\"blocks\":[],\"more\":1}",
                "\"rows\":[]}",
                "}",
                "\"epoch\":\"1\",\"blocks\":[]}",
                "\"blocks\":{}}",
                "\"blocks\":[1]}",
                "\"blocks\":[[[[[[[[[]]]]]]]]]}",
                "\"blocks\":[{\"rows\":[]}]}",
                "\"blocks\":[{\"family\":\"f\"}]}",
                "\"losses\":[{}],\"blocks\":[]}",
                "\"losses\":[{\"reason\":\"bored\"}],\"blocks\":[]}",
                "\"losses\":[{\"reason\":\"spool_full\",\"rows\":\"-1\"}],\"blocks\":[]}",
                "\"losses\":[{\"reason\":\"spool_full\",\"family\":\"Bad Name\"}],\"blocks\":[]}",
                "\"blocks\":[],\"losses\":[]}",
                "\"blocks\":[{\"family\":\"time travel\",\"columns\":[],\"target\":\"t\","
                        + "\"collected_at\":\"1\",\"rows\":[[1]]}]}",
            })
    void behindAPositionItIsUndecodableAndCanBeSettled(String rest) {
        settled(Fault.UNDECODABLE, Buffer.buffer(POSITION + rest));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bool:1",
                "bool:\"true\"",
                "int4:2147483648",
                "int4:1.5",
                "int4:\"x\"",
                "int8:9007199254740992",
                "int8:9223372036854775808",
                "int8:\"9223372036854775808\"",
                "int8:\"+1\"",
                "int8:\"\"",
                "float8:\"1.5\"",
                "float8:1e999",
                "float8:true",
                "float8:NaN",
                "text:1",
                "text:\"\\u0000\"",
                "text:\"\\ud800\"",
                "timestamptz:\"yesterday\"",
                "timestamptz:\"+999999999-01-01T00:00:00Z\"",
                "timestamptz:\"-9223372036854775808\"",
                "int4:1,2",
                "int4:",
                "int4:[1]",
                "int4:{}",
                "money:1"
            })
    void aValueThatItsColumnCannotHoldIsUndecodable(String typeAndValue) {
        var parts = typeAndValue.split(":", 2);
        settled(Fault.UNDECODABLE, Buffer.buffer(block(parts[0], parts[1])));
    }

    @Test
    void sixtyFourBitNumbersAreStringsAndTimesMayBeWritten() {
        var least = (ColumnVector.Longs) onlyVector(block("int8", "\"-9223372036854775808\""));
        var time = (ColumnVector.Longs) onlyVector(block("timestamptz", "\"2026-11-21T01:00:00.25+01:00\""));

        assertEquals(Long.MIN_VALUE, least.values()[0]);
        assertEquals(1_795_219_200_250_000L, time.values()[0]);
    }

    @Test
    void aLossThatCouldBeReadIsKeptThoughTheRowsCannot() {
        var push = json.parse(
                Buffer.buffer(POSITION + "\"losses\":[{\"reason\":\"spool_full\",\"rows\":\"7\"}],\"blocks\":[oops"));

        assertEquals(7, push.losses().get(0).rows());
        assertTrue(push.content() instanceof BatchContent.Undecodable);
    }

    @Test
    void limitsHoldForJsonToo() {
        var small = new NativeJson(new WireLimits(1 << 20, 100, 2, 2));
        var rows = Buffer.buffer(block("int4", "1],[2],[3"));
        var blocks = Buffer.buffer(POSITION + "\"blocks\":["
                + String.join(",", List.of(BLOCK.formatted("int4", "1"), BLOCK.formatted("int4", "1"), BLOCK)) + "]}");

        assertEquals(Fault.UNDECODABLE, refusal(small.parse(rows)).fault());
        assertEquals(Fault.UNDECODABLE, refusal(small.parse(blocks)).fault());
        assertEquals(
                Fault.TOO_LARGE,
                assertThrows(FaultException.class, () -> small.parse(Buffer.buffer(new byte[(1 << 20) + 1])))
                        .fault());
    }

    @Test
    void thePositionMayComeInAnyOrder() {
        var push = json.parse(Buffer.buffer("{\"covers_from\":4,\"epoch\":2,\"sequence\":\"6\",\"blocks\":[]}"));

        assertEquals(new BatchPosition(2, 6, 4), push.position());
    }

    private ColumnVector onlyVector(String text) {
        var content = (BatchContent.Decoded) json.parse(Buffer.buffer(text)).content();
        return content.blocks().get(0).vectors().get(0);
    }

    private static String block(String type, String values) {
        return POSITION + "\"blocks\":[" + BLOCK.formatted(type, values) + "]}";
    }

    private void refused(Fault fault, Buffer text) {
        assertEquals(
                fault,
                assertThrows(FaultException.class, () -> json.parse(text), text::toString)
                        .fault());
    }

    private void settled(Fault fault, Buffer text) {
        assertEquals(fault, refusal(json.parse(text)).fault(), text::toString);
    }

    private static FaultException refusal(JsonPush push) {
        return ((BatchContent.Undecodable) push.content()).refusal();
    }
}
