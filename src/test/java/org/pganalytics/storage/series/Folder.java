package org.pganalytics.storage.series;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;

/** One server's counting, told by a test of batches and of what became of them. Its clock is the test's. */
final class Folder extends Clock {
    static final UUID COLLECTOR = UUID.randomUUID();

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final SeriesLimits limits;
    private final Function<String, MetricFamily> declared;
    private Instant now = Instant.ofEpochMilli(Statements.START / 1_000);

    Folder(SeriesConfig config, MetricFamily... families) {
        Map<String, MetricFamily> byName =
                Stream.of(families).collect(Collectors.toMap(MetricFamily::name, family -> family));
        this.declared = byName::get;
        this.limits = new SeriesLimits(config, this, new Random(1), meters);
    }

    /** Statements with so many series. */
    static Folder of(int seriesMax) {
        return new Folder(SeriesConfig.defaults(), Statements.family(OptionalInt.of(seriesMax)));
    }

    static SeriesConfig config(int perFamily, int perCollector, long bytes, int followed) {
        return new SeriesConfig(perFamily, perCollector, bytes, followed, Duration.ofMinutes(1), Duration.ofDays(30));
    }

    static BatchPosition number(long sequence) {
        return new BatchPosition(1, sequence, sequence);
    }

    /** Of a batch that is not answered yet. */
    List<FoldedBlock> prepare(long sequence, ColumnBlock... blocks) {
        return limits.fold(COLLECTOR, number(sequence), List.of(blocks), declared);
    }

    /** Of a batch that this server then commits. */
    List<FoldedBlock> store(long sequence, ColumnBlock... blocks) {
        var folded = prepare(sequence, blocks);
        committed(sequence);
        return folded;
    }

    List<FoldedBlock> fold(UUID collector, ColumnBlock... blocks) {
        return limits.fold(collector, null, List.of(blocks), declared);
    }

    void committed(long sequence) {
        limits.answered(COLLECTOR, number(sequence), true);
    }

    void failed(long sequence) {
        limits.answered(COLLECTOR, number(sequence), false);
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    double bytes() {
        return meters.get("pganalytics.storage.series.bytes").gauge().value();
    }

    double tracked() {
        return meters.get("pganalytics.storage.series").gauge().value();
    }

    /** A value of the last row, which stands for those that were folded. */
    static Object other(FoldedBlock folded, String column) {
        return Statements.value(folded.block(), column, folded.block().rows() - 1);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
