package org.pganalytics.storage.series;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.pganalytics.storage.series.Statements.Row;

/** What counting the series of a row costs; run by hand. The loop is warm when the last line comes. */
public final class SeriesSpeed {
    private static final int ROWS = 2_000;
    private static final int BLOCKS = 5_000;

    private SeriesSpeed() {}

    public static void main(String[] arguments) {
        for (int collectors : new int[] {1, 500}) {
            for (int round = 0; round < 5; round++) {
                measure("all have rows of their own", collectors, ROWS);
            }
        }
        for (int round = 0; round < 5; round++) {
            measure("half are folded", 1, ROWS / 2);
        }
    }

    private static void measure(String what, int collectors, int seriesMax) {
        var family = Statements.family(OptionalInt.of(seriesMax));
        var meters = new SimpleMeterRegistry();
        var limits = new SeriesLimits(SeriesConfig.defaults(), Clock.systemUTC(), new Random(1), meters);
        var senders =
                new Random(2).longs(collectors).mapToObj(id -> new UUID(id, id)).toList();
        var blocks = LongStream.range(0, BLOCKS / collectors + 1)
                .limit(20)
                .mapToObj(turn -> Statements.block("db", Statements.START + turn, rows(turn)))
                .toList();
        long folded = 0;
        long begun = System.nanoTime();
        for (int turn = 0; turn < BLOCKS; turn++) {
            var block = blocks.get(turn / collectors % blocks.size());
            var position = Folder.number(turn / collectors + 1);
            folded += limits.fold(senders.get(turn % collectors), position, List.of(block), name -> family)
                    .get(0)
                    .folding()
                    .rows();
        }
        double nanos = (System.nanoTime() - begun) / (double) BLOCKS / ROWS;
        double bytes = meters.get("pganalytics.storage.series.bytes").gauge().value();
        double series = meters.get("pganalytics.storage.series").gauge().value();
        System.out.printf(
                "%s, %d collectors: %.1f ns a row, %d rows folded, %.1f MiB for %.0f series%n",
                what, collectors, nanos, folded, bytes / (1 << 20), series);
    }

    private static Row[] rows(long turn) {
        return LongStream.range(0, ROWS)
                .mapToObj(id -> new Row("shop" + id % 7, id, turn, turn / 2.0, turn, null))
                .toArray(Row[]::new);
    }
}
