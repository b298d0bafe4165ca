package org.pganalytics.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgementTest {
    @ParameterizedTest(name = "busy {0}: ratio {1}, by CPU {2}: {3}")
    @CsvSource({
        "false, 0.57, 0.10, true",
        "false, 0.55, 0.90, false",
        "true,  0.29, 0.57, true",
        "true,  0.27, 0.90, false",
        "true,  0.90, 0.55, false",
    })
    void aCopyRatioIsHeldToBothOfItsFiguresWhereOthersWorkToo(
            boolean isBusy, double ratio, double byCpu, boolean holds) {
        var found = List.of(
                Measurement.of(Goal.COPY_RATIO, ratio), Measurement.aside(Goal.COPY_RATIO.keyByCpu(), "", byCpu));

        assertEquals(holds, Judgement.of(found, isBusy).stream().allMatch(Judgement::holds));
    }

    @Test
    void whatHasOneFigureIsHeldToItOnAnyMachine() {
        var found = List.of(Measurement.of(Goal.HEAP_MIB, 366), Measurement.of(Goal.SERVER_CPU_SHARE, 0.49));

        assertEquals(
                List.of("heap_mib false", "server_cpu_share true"),
                Judgement.of(found, true).stream()
                        .map(one -> one.key() + " " + one.holds())
                        .toList());
    }

    @Test
    void bytesAreJudgedAndTimesAndMereAimsAreNot() {
        var found = List.of(
                Measurement.of(Goal.DISK_BYTES_A_VALUE, 1_000),
                Measurement.of(Goal.ACK_P99_MS, 1_000),
                Measurement.of(Goal.START_SECONDS, 1_000),
                Measurement.of(Goal.COPY_DIRECT_RATIO, 0.1),
                Measurement.aside("rows_per_second", "rows/s", 1));

        assertEquals(
                List.of("disk_bytes_a_value"),
                Judgement.of(found, false).stream().map(Judgement::key).toList());
    }
}
