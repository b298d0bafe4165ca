package org.pganalytics.storage;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.Digest;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Loss;
import org.pganalytics.model.MetricFamily;

/** Families and batches for tests of the store. Rows carry the batch's sequence in {@code n}. */
final class Samples {
    static final MetricFamily FAMILY = family(
            FamilySchema.of(
                    "sample",
                    List.of(
                            new Column("n", ColumnType.INT8, ColumnRole.KEY),
                            new Column("small", ColumnType.INT4, ColumnRole.GAUGE),
                            new Column("ratio", ColumnType.FLOAT8, ColumnRole.GAUGE),
                            new Column("flag", ColumnType.BOOL, ColumnRole.GAUGE),
                            new Column("user", ColumnType.TEXT, ColumnRole.TEXT),
                            new Column("since", ColumnType.TIMESTAMPTZ, ColumnRole.GAUGE))),
            MetricFamily.Kind.SAMPLES);
    static final MetricFamily OTHER = family(
            FamilySchema.of("other", List.of(new Column("n", ColumnType.INT8, ColumnRole.KEY))),
            MetricFamily.Kind.SAMPLES);
    static final MetricFamily TEXTS = family(
            FamilySchema.of(
                    "texts",
                    List.of(
                            new Column("queryid", ColumnType.INT8, ColumnRole.KEY),
                            new Column("query", ColumnType.TEXT, ColumnRole.TEXT))),
            MetricFamily.Kind.DICTIONARY);

    private Samples() {}

    static MetricFamily family(FamilySchema schema, MetricFamily.Kind kind) {
        boolean dictionary = kind == MetricFamily.Kind.DICTIONARY;
        return new MetricFamily(
                schema,
                schema.family(),
                kind,
                MetricFamily.Scope.CLUSTER,
                Duration.ofSeconds(10),
                Duration.ofDays(7),
                List.of(new MetricFamily.VersionedSql(14, Integer.MAX_VALUE, null, "SELECT 1")),
                dictionary ? "sample" : null,
                dictionary ? "queryid" : null);
    }

    static long nowMicros() {
        return Instant.now().toEpochMilli() * 1_000;
    }

    static Batch batch(UUID collector, long sequence) {
        return batch(collector, new BatchPosition(1, sequence, sequence), List.of(rows(sequence, 3), others(sequence)));
    }

    static Batch batch(UUID collector, BatchPosition position, List<ColumnBlock> blocks) {
        return batch(collector, position, List.of(), new BatchContent.Decoded(blocks));
    }

    static Batch batch(UUID collector, BatchPosition position, List<Loss> losses, BatchContent content) {
        var body = "%s %s %s".formatted(collector, position, content.rows()).getBytes(StandardCharsets.UTF_8);
        return new Batch(
                collector,
                position,
                Digest.of(body),
                losses,
                content,
                new Batch.Raw("application/json", Buffer.buffer(body)));
    }

    /** Rows with a null in every column but the first. */
    static ColumnBlock rows(long n, int count) {
        return rows(n, count, nowMicros());
    }

    static ColumnBlock rows(long n, int count, long micros) {
        var values = new long[count];
        Arrays.fill(values, n);
        var nulls = new BitSet();
        nulls.set(0);
        var small = new long[count];
        var doubles = new double[count];
        var texts = new int[count];
        for (int i = 0; i < count; i++) {
            small[i] = i == 0 ? 0 : -i;
            doubles[i] = i == 0 ? 0 : 1.0 / i;
            texts[i] = i - 1 >= 2 ? 1 : i - 1;
        }
        return new ColumnBlock(
                FAMILY.schema(),
                "db-1",
                micros,
                count,
                List.of(
                        new ColumnVector.Longs(values, new BitSet()),
                        new ColumnVector.Longs(small, nulls),
                        new ColumnVector.Doubles(doubles, nulls),
                        new ColumnVector.Longs(small.clone(), nulls),
                        new ColumnVector.Texts(new byte[][] {utf8(""), utf8("Zoë\t\\N")}, texts),
                        new ColumnVector.Longs(values.clone(), nulls)));
    }

    static ColumnBlock others(long n) {
        return new ColumnBlock(
                OTHER.schema(), "db-2", nowMicros(), 1, List.of(new ColumnVector.Longs(new long[] {n}, new BitSet())));
    }

    /** A row that PostgreSQL will never take: its text is not UTF-8. */
    static ColumnBlock poison(long n) {
        var rows = rows(n, 2);
        return new ColumnBlock(
                rows.schema(),
                rows.target(),
                rows.collectedAtMicros(),
                2,
                List.of(
                        rows.vectors().get(0),
                        rows.vectors().get(1),
                        rows.vectors().get(2),
                        rows.vectors().get(3),
                        new ColumnVector.Texts(new byte[][] {{(byte) 0xff}}, new int[] {0, 0}),
                        rows.vectors().get(5)));
    }

    static ColumnBlock texts(String target, long[] ids, String... queries) {
        var dictionary = Arrays.stream(queries).map(Samples::utf8).toArray(byte[][]::new);
        var indexes = new int[queries.length];
        Arrays.setAll(indexes, i -> i);
        return new ColumnBlock(
                TEXTS.schema(),
                target,
                nowMicros(),
                ids.length,
                List.of(new ColumnVector.Longs(ids, new BitSet()), new ColumnVector.Texts(dictionary, indexes)));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
