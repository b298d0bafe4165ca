package org.pganalytics.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.collector.EffectiveConfig;
import org.pganalytics.model.MetricFamily;

/** A profile is checked by what checks the collectors' own configuration, and laid over it as the page says. */
class ProfileFileTest {
    private static final List<MetricFamily> FAMILIES = FamilyFiles.load(Path.of("conf/families"));

    private static CollectorConfig own(String more) {
        return CollectorConfigFile.of("""
                targets = [ { name = a, host = h, user = u, connections-max = 3, statement-timeout = 8s
                              intervals { pg_locks = 7s }, skip = [ pg_stat_wal ] } ]
                """ + more);
    }

    private static EffectiveConfig over(String profile, String more) {
        return ProfileFile.over(ProfileFile.handedOut(profile, FAMILIES), own(more), FAMILIES);
    }

    private static String refusal(String profile) {
        return assertThrows(ConfigException.class, () -> ProfileFile.handedOut(profile, FAMILIES))
                .getMessage();
    }

    @Test
    void anEmptyProfileChangesNothing() {
        var effective = over("", "");
        assertEquals(own(""), effective.config());
        assertEquals(FAMILIES, effective.families());
        assertEquals("", effective.note());
    }

    @Test
    void whatTheHostSaysOfATargetCountsAndLimitsOnlyBecomeTighter() {
        var effective = over("""
                skip = [ pg_stat_bgwriter ]
                intervals { pg_locks = 1s, pg_stat_database = 5s }
                batch { rows-max = 100 }
                cpu-budget = 0.1
                targets { connections-max = 1, statement-timeout = 1m, lock-timeout = 100ms }
                """, "cpu-budget = 0.3, batch.zstd-level = 9");

        var target = effective.config().targets().get(0);
        assertEquals(Set.of("pg_stat_wal", "pg_stat_bgwriter"), target.skip());
        assertEquals(
                Map.of("pg_locks", Duration.ofSeconds(7), "pg_stat_database", Duration.ofSeconds(5)),
                target.intervals());
        assertEquals(1, target.connectionsMax());
        assertEquals(Duration.ofSeconds(8), target.statementTimeout());
        assertEquals(Duration.ofMillis(100), target.lockTimeout());
        assertEquals(100, effective.config().batch().rowsMax());
        assertEquals(9, effective.config().batch().zstdLevel());
        assertEquals(1 << 22, effective.config().batch().bytesMax(), "not said");
        assertEquals(0.1, effective.config().cpuBudget());
        assertEquals(0.3, over("cpu-budget = 3", "cpu-budget = 0.3").config().cpuBudget());
        assertEquals(
                3,
                over("targets.connections-max = 9", "")
                        .config()
                        .targets()
                        .get(0)
                        .connectionsMax());
    }

    @Test
    void aShorterStatementTimeoutTakesTheLockTimeoutWithIt() {
        var target = over("targets.statement-timeout = 200ms, targets.lock-timeout = 150ms", "")
                .config()
                .targets()
                .get(0);
        assertEquals(Duration.ofMillis(200), target.statementTimeout());
        assertEquals(Duration.ofMillis(150), target.lockTimeout());
    }

    @Test
    void aHostThatAllowsIntervalsTakesNothingElseAndSaysSo() {
        var effective = over(
                "intervals { pg_stat_database = 5s }, skip = [ pg_stat_bgwriter ], batch.rows-max = 1,"
                        + " declare = [ pg_locks ]",
                "server-config = intervals, server-families = true");

        var target = effective.config().targets().get(0);
        assertEquals(Duration.ofSeconds(5), target.intervals().get("pg_stat_database"));
        assertEquals(Set.of("pg_stat_wal"), target.skip());
        assertEquals(5_000, effective.config().batch().rowsMax());
        assertTrue(effective.note().contains("batch, skip"), effective.note());
    }

    @Test
    void aDeclaredFamilyIsTakenOnlyWhereTheHostAllowsIt() {
        var json = ProfileFile.handedOut("declare = [ pg_locks ]", FAMILIES);
        var others = FAMILIES.stream()
                .filter(family -> !family.name().equals("pg_locks"))
                .toList();

        var refused = ProfileFile.over(json, own(""), others);
        assertEquals(others, refused.families());
        assertEquals("left out, as server-families is false: families pg_locks", refused.note());
        var taken = ProfileFile.over(json, own("server-families = true"), others);
        var all = new HashSet<>(others);
        FAMILIES.stream().filter(family -> !others.contains(family)).forEach(family -> all.add(family.forAgents()));
        assertEquals(all, Set.copyOf(taken.families()), "as its file declares it");
        assertEquals(
                FAMILIES,
                ProfileFile.over(json, own("server-families = true"), FAMILIES).families());
    }

    @Test
    void everyFamilyOfSamplesBySqlComesThroughWhole() {
        for (var family : FAMILIES) {
            if (family.kind() == MetricFamily.Kind.SAMPLES && family.reading().source() == MetricFamily.Source.SQL) {
                var json = ProfileFile.handedOut("declare = [ %s ]".formatted(family.name()), FAMILIES);
                var taken = ProfileFile.over(json, own("server-families = true"), List.of());
                assertEquals(List.of(family.forAgents()), taken.families());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rows-max = 5 | rows-max: found an unknown key",
                "batch.rows = 5 | batch.rows: found an unknown key",
                "batch.zstd-level = 5 | batch.zstd-level: found an unknown key",
                "batch = 5 | batch: found a number; allowed is a section",
                "batch.rows-max = 0 | batch.rows-max: found 0; allowed is",
                "batch.rows-max = many | batch.rows-max: found \"many\"; allowed is a whole number",
                "intervals { pg_locks = 0s } | intervals: found pg_locks = 0s; allowed is 1s to 1d",
                "intervals { pg_locks = 2d } | intervals: found pg_locks = 2d; allowed is 1s to 1d",
                "intervals { pg_locks = soon } | intervals: found {\"pg_locks\":\"soon\"}; allowed is durations",
                "intervals { pg_lokcs = 5s } | intervals: found family pg_lokcs; allowed is families that the server stores",
                "intervals { \"a.b '\\\"\" = 5s } | intervals: found family a.b '\"",
                "intervals = 5 | intervals: found 5; allowed is durations",
                "skip = [ nothing ] | skip: found family nothing",
                "cpu-budget = -1 | cpu-budget: found -1; allowed is 0 to 64",
                "targets.connections-max = 100 | targets.connections-max: found 100",
                "targets.password = x | targets.password: found an unknown key",
                "declare = [ pg_statement_text ] | declare: found family pg_statement_text",
                "declarations = [ { family = x } ] | declarations",
                "batch { | (syntax)",
            })
    void whatIsWrongIsNamed(String profile, String message) {
        var refusal = refusal(profile);
        assertTrue(refusal.contains(message), refusal);
    }

    @Test
    void aLineIsSaidOnce() {
        var refusal = refusal("batch.rows-max = 5\nfoo = 1");
        assertTrue(refusal.contains("profile:2: foo: found an unknown key"), refusal);
    }

    @Test
    void everythingThatIsWrongIsToldAtOnce() {
        var refusal = refusal("a = 1, batch.rows-max = 0, cpu-budget = 99, skip = [ x ]");
        assertEquals(4, refusal.lines().count(), refusal);
    }

    @Test
    void nothingOutsideTheTextIsRead(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("secret.conf"), "cpu-budget = 0.25");
        for (var text : List.of(
                "include file(\"%s\")".formatted(file),
                "include \"%s\"".formatted(file),
                "include url(\"file://%s\")".formatted(file),
                "include classpath(\"collector-reference.conf\")",
                "skip = [ ${HOME} ]",
                "skip = [ ${?PATH} ]",
                "cpu-budget = ${user.dir}")) {
            var refusal = refusal(text);
            assertTrue(refusal.contains("(syntax)"), text + ": " + refusal);
            assertFalse(refusal.contains("0.25"), refusal);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{", "a:[", "{\"a\":"})
    void bracketsWithoutEndAreRefused(String bracket) {
        assertTrue(refusal(bracket.repeat(30_000)).contains("(syntax)"));
        var deep = bracket.repeat(60_000 / bracket.length());
        assertThrows(ConfigException.class, () -> ProfileFile.over(deep, own(""), FAMILIES));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "skip = []",
                "{\"skip\":[\"x\"],\"cpu-budget\":\"much\"}",
                "{\"intervals\":{\"pg_locks\":\"0s\"}}",
                "{\"declarations\":[5]}",
                "{\"declarations\":[{\"family\":\"x\"}]}",
                "{\"declarations\":[{\"family\":\"a b\",\"columns\":[],\"sql\":[]}]}",
                "{\"declarations\":[{\"family\":\"x\",\"source\":\"host\","
                        + "\"columns\":[{\"name\":\"a\",\"type\":\"int8\",\"role\":\"key\"}]}]}"
            })
    void anAgentRefusesWhatNoServerHandsOut(String json) {
        assertThrows(ConfigException.class, () -> ProfileFile.over(json, own("server-families = true"), FAMILIES));
    }

    @Test
    void declarationsThatAreTooLongTogetherAreRefused() {
        var like = FAMILIES.get(0);
        var huge = new MetricFamily(
                like.schema(),
                like.title(),
                MetricFamily.Kind.SAMPLES,
                like.scope(),
                like.interval(),
                like.retention(),
                List.of(new MetricFamily.VersionedSql(
                        14, Integer.MAX_VALUE, null, "select " + "1 + ".repeat(16_000) + "1")),
                null,
                null);
        var refusal = assertThrows(
                        ConfigException.class,
                        () -> ProfileFile.handedOut("declare = [ %s ]".formatted(huge.name()), List.of(huge)))
                .getMessage();
        assertTrue(refusal.contains("at most 64000 bytes"), refusal);
    }

    @Test
    void anIntervalOfZeroInTheCollectorsOwnFileIsToldToo() {
        var refusal = assertThrows(
                ConfigException.class,
                () -> CollectorConfigFile.of(
                        "targets = [ { name = a, host = h, user = u, intervals { pg_locks = 0s } } ]"));
        assertTrue(refusal.getMessage().contains("pg_locks = 0s; allowed is 1s to 1d"), refusal.getMessage());
    }
}
