package org.pganalytics.wire.v3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DictionaryTest {
    private static int number(Dictionary dictionary, String text) {
        var utf8 = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
        return dictionary.number(utf8, 1, utf8.length - 1);
    }

    @Test
    void everyTextHasOneNumberHoweverManyThereAre() {
        var random = new Random(7);
        var dictionary = new Dictionary();
        var known = new HashMap<String, Integer>();
        for (int i = 0; i < 20_000; i++) {
            // Of all lengths around the eight bytes that are hashed at a time; texts of NULs differ by it alone.
            var text = (random.nextBoolean() ? "\0" : "t").repeat(random.nextInt(20)) + random.nextInt(3_000);
            int expected = known.computeIfAbsent(text, added -> known.size());
            assertEquals(expected, number(dictionary, text));
        }
        assertEquals(known.size(), dictionary.size());
        known.forEach((text, at) ->
                assertEquals(text.replace('\0', '\uFFFD'), new String(dictionary.text(at), StandardCharsets.UTF_8)));
    }

    @Test
    void whatItHoldsIsCounted() {
        var dictionary = new Dictionary();
        number(dictionary, "x".repeat(10_000));
        long once = dictionary.bytes();
        number(dictionary, "x".repeat(10_000));
        assertTrue(once >= 10_000);
        assertEquals(once, dictionary.bytes());
    }
}
