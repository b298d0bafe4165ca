package org.pganalytics.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.fleet.Assignment.Version;

/** What a collector is to run follows from the assignments, its labels and its id, and from nothing else. */
class AssignmentTest {
    private static final UUID SOMEBODY = new UUID(4711, 42);
    private static final List<UUID> FLEET = fleet();

    private static List<UUID> fleet() {
        var random = new Random(1);
        return Stream.generate(() -> new UUID(random.nextLong(), random.nextLong()))
                .limit(2_000)
                .toList();
    }

    private static Assignment of(String profile, String selector, int precedence, int version) {
        return of(profile, selector, precedence, version, 100, null);
    }

    private static Assignment of(
            String profile, String selector, int precedence, int version, int percent, Integer before) {
        return new Assignment(
                profile,
                Selector.parse(selector),
                precedence,
                version(profile, version),
                percent,
                Optional.ofNullable(before).map(number -> version(profile, number)));
    }

    private static Version version(String profile, int number) {
        return new Version(number, profile + "@" + number);
    }

    private static String tag(List<Assignment> assignments, UUID collector, Map<String, String> labels) {
        return Assignment.choose(assignments, collector, labels)
                .map(choice -> choice.version().tag())
                .orElse("");
    }

    @Test
    void theHighestPrecedenceOfThoseThatMatchCounts() {
        var all = List.of(of("base", "", 0, 3), of("prod", "env=prod", 10, 1), of("db", "env=prod,tier!=web", 20, 2));

        assertEquals("base@3", tag(all, SOMEBODY, Map.of()));
        assertEquals("base@3", tag(all, SOMEBODY, Map.of("env", "test")));
        assertEquals("prod@1", tag(all, SOMEBODY, Map.of("env", "prod", "tier", "web")));
        assertEquals("db@2", tag(all, SOMEBODY, Map.of("env", "prod", "tier", "db")));
        assertEquals("db@2", tag(all, SOMEBODY, Map.of("env", "prod")), "without the label, != holds");
        assertEquals("", tag(List.of(), SOMEBODY, Map.of("env", "prod")));
        assertEquals("", tag(List.of(of("prod", "env=prod", 10, 1)), SOMEBODY, Map.of()));
    }

    @Test
    void equalPrecedenceIsSettledByNameWhateverTheOrder() {
        var one = of("a", "", 5, 1);
        var other = of("b", "", 5, 1);

        assertEquals("a@1", tag(List.of(one, other), SOMEBODY, Map.of()));
        assertEquals("a@1", tag(List.of(other, one), SOMEBODY, Map.of()));
    }

    @Test
    void aPartGetsTheNewVersionAndStaysInItAsThePartGrows() {
        Set<UUID> before = Set.of();
        for (int percent : new int[] {1, 10, 50, 99, 100}) {
            var all = List.of(of("base", "", 0, 4, percent, 3));
            var chosen = FLEET.stream()
                    .filter(one -> tag(all, one, Map.of()).equals("base@4"))
                    .collect(Collectors.toSet());
            assertTrue(chosen.containsAll(before), "nobody goes back at " + percent + " %");
            double share = 100.0 * chosen.size() / FLEET.size();
            assertEquals(percent, share, 3, "of two thousand");
            assertEquals(
                    FLEET.size() - chosen.size(),
                    FLEET.stream()
                            .filter(one -> tag(all, one, Map.of()).equals("base@3"))
                            .count());
            before = chosen;
        }
    }

    @Test
    void whoIsNotInThePartOfAFirstVersionRunsWhatTheNextAssignmentSays() {
        var all = List.of(of("new", "", 10, 1, 50, null), of("base", "", 0, 3));
        var tags = FLEET.stream().map(one -> tag(all, one, Map.of())).collect(Collectors.toSet());

        assertEquals(Set.of("new@1", "base@3"), tags);
        assertEquals(
                Set.of("new@1", ""),
                FLEET.stream().map(one -> tag(all.subList(0, 1), one, Map.of())).collect(Collectors.toSet()));
    }

    @Test
    void theFirstOnesAreOthersForEachProfile() {
        var first = FLEET.stream()
                .filter(one -> !tag(List.of(of("a", "", 0, 1, 10, null)), one, Map.of())
                        .isEmpty())
                .collect(Collectors.toSet());
        var second = FLEET.stream()
                .filter(one -> !tag(List.of(of("b", "", 0, 1, 10, null)), one, Map.of())
                        .isEmpty())
                .collect(Collectors.toSet());
        first.retainAll(second);
        assertTrue(first.size() < second.size() / 2, first.size() + " of " + second.size() + " are in both");
    }

    @Test
    void aSelectorHasOneSpellingAndTakesQuotes() {
        assertEquals("a=1,b!=2", Selector.parse(" b != 2 , a = 1,a=1").toString());
        assertEquals("", Selector.parse("  ").toString());
        var quoted = Selector.parse("owner=O'Brien \"DBA\"");
        assertTrue(quoted.matches(Map.of("owner", "O'Brien \"DBA\"")));
        assertFalse(quoted.matches(Map.of("owner", "O'Brien")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"env", ",", "a=1,", "=x", "!=x", "A=1", "a=b\nc", "a"})
    void whatIsNoSelectorIsRefused(String text) {
        var refusal = assertThrows(FaultException.class, () -> Selector.parse(text));
        assertEquals(Fault.BAD_REQUEST, refusal.fault());
        assertTrue(refusal.detail().contains("key=value or key!=value"), refusal.detail());
    }

    @Test
    void aHugeSelectorIsRefused() {
        assertThrows(FaultException.class, () -> Selector.parse("a=1,".repeat(100_000)));
    }
}
