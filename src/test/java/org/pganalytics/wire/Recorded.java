package org.pganalytics.wire;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;

/**
 * What agents sent. {@link #batches} is half a minute of an old one: every batch of one round of all families, after
 * pgbench and a mix of statements on a PostgreSQL 17 of about 140 tables; times of statements are as PostgreSQL gave
 * them, not yet rounded by the family.
 */
public final class Recorded {
    private static final double MICROS_A_MILLI = 1_000;

    private Recorded() {}

    /**
     * Every batch of an agent's first 200 s, with the settings as shipped: an application with 300 statements on 60 tables,
     * and pgbench. {@code RecordedAgent} recorded it.
     */
    public static List<List<ColumnBlock>> agent() {
        return batches("/wire/agent.json.gz");
    }

    static List<List<ColumnBlock>> batches() {
        return batches("/wire/recorded.json.gz");
    }

    private static List<List<ColumnBlock>> batches(String resource) {
        var json = new NativeJson(WireLimits.standard());
        return text(resource)
                .lines()
                .map(line -> json.parse(Buffer.buffer(line)).content())
                .map(content -> ((BatchContent.Decoded) content).blocks())
                .toList();
    }

    /** As the family's SQL does it since. */
    static List<ColumnBlock> rounded(List<ColumnBlock> blocks) {
        return blocks.stream().map(Recorded::rounded).toList();
    }

    private static ColumnBlock rounded(ColumnBlock block) {
        if (!block.schema().family().equals("pg_stat_statements")) {
            return block;
        }
        var vectors = block.vectors().stream().map(Recorded::rounded).toList();
        return new ColumnBlock(block.schema(), block.target(), block.collectedAtMicros(), block.rows(), vectors);
    }

    private static ColumnVector rounded(ColumnVector vector) {
        if (!(vector instanceof ColumnVector.Doubles doubles)) {
            return vector;
        }
        var values = doubles.values().clone();
        for (int row = 0; row < values.length; row++) {
            values[row] = Math.rint(values[row] * MICROS_A_MILLI) / MICROS_A_MILLI;
        }
        return new ColumnVector.Doubles(values, doubles.nulls());
    }

    private static String text(String resource) {
        var file = Objects.requireNonNull(Recorded.class.getResourceAsStream(resource));
        try (var gzip = new GZIPInputStream(file)) {
            return new String(gzip.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
