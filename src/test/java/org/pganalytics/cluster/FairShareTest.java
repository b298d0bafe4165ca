package org.pganalytics.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FairShareTest {
    /** Those that are let go come to who has the fewest, as by a balancer. */
    private static int[] after(int rounds, int... held) {
        var shares = IntStream.range(0, held.length)
                .mapToObj(server -> new FairShare())
                .toList();
        for (int round = 0; round < rounds; round++) {
            var told = held.clone();
            for (int server = 0; server < held.length; server++) {
                for (int moved = shares.get(server).letGo(told[server], others(told, server)); moved > 0; moved--) {
                    held[server]--;
                    held[fewest(held)]++;
                }
            }
        }
        return held;
    }

    private static List<Integer> others(int[] held, int server) {
        var others = new ArrayList<Integer>();
        for (int index = 0; index < held.length; index++) {
            if (index != server) {
                others.add(held[index]);
            }
        }
        return others;
    }

    private static int fewest(int[] held) {
        return IntStream.range(0, held.length)
                .reduce((one, other) -> held[other] < held[one] ? other : one)
                .orElseThrow();
    }

    /** Within 20 % of the mean after a minute of rounds of 5 s, and at rest then. */
    @ParameterizedTest
    @CsvSource({"15,15,0", "500,500,0", "5000,0,0", "5,4,0", "1000,10,500"})
    void whoJoinsHasAPartWithinAMinute(int one, int two, int three) {
        var held = after(12, one, two, three);
        double mean = (one + two + three) / 3.0;
        for (int each : held) {
            if (mean >= 10) {
                assertEquals(mean, each, mean * (one == 5_000 ? 1.2 : 0.2), () -> Arrays.toString(held));
            }
        }
        var later = after(60, held.clone());
        assertTrue(Arrays.stream(later).max().orElse(0) <= Math.ceil(mean * 1.06), () -> Arrays.toString(later));
    }

    @Test
    void aloneOrWithAFairPartNobodyIsLetGo() {
        assertEquals(0, new FairShare().letGo(5_000, List.of()));
        assertEquals(0, new FairShare().letGo(10, List.of(10, 10)));
        assertEquals(0, new FairShare().letGo(105, List.of(100, 95)), "a little more is left alone");
        assertEquals(0, new FairShare().letGo(1, List.of(0, 0)), "one cannot be shared");
        assertEquals(0, new FairShare().letGo(0, List.of(7)));
    }

    /** As where each collector knows one server only. */
    @Test
    void whereTheyComeBackTheyAreAskedEverLessOften() {
        var share = new FairShare();
        int asked = 0;
        for (int round = 0; round < 720; round++) {
            asked += share.letGo(100, List.of(0)) > 0 ? 1 : 0;
        }
        assertTrue(asked <= 11, "an hour: " + asked);
    }

    @Test
    void aServerThatComesOrGoesIsNewsAtOnce() {
        var share = new FairShare();
        for (int round = 0; round < 100; round++) {
            share.letGo(100, List.of(0));
        }
        assertEquals(10, share.letGo(100, List.of(0, 0)));
    }
}
