package org.pganalytics.wire.v3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.FaultException;

/** Whatever the bytes, however cut: what is heard of them is what Jackson hears. */
class JsonFeedTest {
    private static final int TRIES = 1_000;

    /** What is heard, and whether all of it could be read. */
    private record Heard(List<String> values, boolean refused) {
        /** The same; but of what is refused one may have been told a value more. */
        boolean agrees(Heard that) {
            int both = Math.min(values.size(), that.values.size());
            return refused
                    ? that.refused && values.subList(0, both).equals(that.values.subList(0, both))
                    : equals(that);
        }
    }

    private static Heard ours(byte[] json, Random cuts) {
        var heard = new HeardValues();
        var feed = new JsonFeed(heard);
        int most = 1 + cuts.nextInt(cuts.nextBoolean() ? 4 : json.length + 1);
        try {
            for (int at = 0; at < json.length; ) {
                int next = Math.min(json.length, at + 1 + cuts.nextInt(most));
                feed.feed(Arrays.copyOfRange(json, at, next));
                at = next;
            }
            feed.end();
            return new Heard(heard.heard(), false);
        } catch (FaultException refused) {
            return new Heard(heard.heard(), true);
        }
    }

    private static Heard jacksons(byte[] json) {
        var heard = new HeardValues();
        try {
            JacksonEvents.read(json, heard);
            return new Heard(heard.heard(), false);
        } catch (FaultException refused) {
            return new Heard(heard.heard(), true);
        }
    }

    static void assertAgree(byte[] json, Random cuts) {
        var theirs = jacksons(json);
        var ours = ours(json, cuts);
        assertTrue(
                ours.agrees(theirs),
                () -> "of %s heard %s, not %s".formatted(new String(json, StandardCharsets.UTF_8), ours, theirs));
    }

    @Property(tries = TRIES)
    void whatIsJsonIsHeardAsByJackson(@ForAll long seed) {
        var random = new Random(seed);
        var json = new RandomJson(random, false).object();
        assertAgree(json, random);
        assertTrue(!jacksons(json).refused());
    }

    @Property(tries = TRIES)
    void whatIsWrongSomewhereIsRefusedWhenJacksonRefusesIt(@ForAll long seed) {
        var random = new Random(seed);
        assertAgree(new RandomJson(random, true).object(), random);
    }

    @Property(tries = TRIES)
    void brokenBytesAreRefusedWhenJacksonRefusesThem(@ForAll long seed) {
        var random = new Random(seed);
        var json = new RandomJson(random, false).object();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
            json[random.nextInt(json.length)] = (byte) random.nextInt(256);
        }
        assertAgree(json, random);
        assertAgree(Arrays.copyOf(json, random.nextInt(json.length)), random);
    }

    @Property(tries = TRIES)
    void bytesInATextAreHeardAsByJackson(@ForAll long seed) {
        var random = new Random(seed);
        var text = new byte[1 + random.nextInt(24)];
        random.nextBytes(text);
        for (int at = 0; at < text.length; at++) {
            text[at] |= random.nextBoolean() ? (byte) 0xC0 : 0x20;
        }
        var json = ("{\"name\":\"" + "x".repeat(text.length) + "\"}").getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, json, 9, text.length);
        assertAgree(json, random);
        json = ("{\"" + "x".repeat(text.length) + "\":1}").getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, json, 2, text.length);
        assertAgree(json, random);
    }

    @Property(tries = 100)
    void numbersAreJacksonsToTheLastBit(@ForAll long seed) {
        var random = new Random(seed);
        var numbers = new ArrayList<String>();
        for (int i = 0; i < 100; i++) {
            numbers.add(new RandomJson(random, false).number());
        }
        assertAgree(("{\"n\":" + numbers + "}").getBytes(StandardCharsets.UTF_8), random);
    }

    @Test
    void tokensMuchLongerThanTheirPiecesAreHeardWhole() {
        var json = "{\"text\":\"%s\",\"odd\":\"%s\"}".formatted("long ".repeat(100_000), "\\u00e9\\\\".repeat(50_000));
        assertAgree(json.getBytes(StandardCharsets.UTF_8), new Random(5));
    }

    @Test
    void namesAndNumbersHaveALongestLength() {
        for (var token : List.of("\"%s\":1", "\"\\u0061%s\":1", "\"a\":1%s", "\"a\":0.%s")) {
            for (int length : List.of(90, 98, 99, 100, 101, 1_020, 1_023, 1_024, 1_025, 7_000)) {
                var json = "{" + token.formatted("1".repeat(length)) + "}";
                assertAgree(json.getBytes(StandardCharsets.UTF_8), new Random(length));
            }
        }
    }

    @Test
    void whatIsWrongIsSaidWithItsPlace() {
        var feed = new JsonFeed(new HeardValues());
        feed.feed("{\"a\":[1,2".getBytes(StandardCharsets.UTF_8));
        var refusal = assertThrows(FaultException.class, () -> feed.feed(" 3]}".getBytes(StandardCharsets.UTF_8)));
        assertEquals("at byte 10: a comma or the end of the array is missing", refusal.detail());
    }
}
