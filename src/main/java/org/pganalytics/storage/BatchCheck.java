package org.pganalytics.storage;

import static org.pganalytics.fault.Fault.BAD_DATA;
import static org.pganalytics.fault.Fault.TIME_OUT_OF_RANGE;
import static org.pganalytics.fault.Fault.UNKNOWN_COLUMN;
import static org.pganalytics.fault.Fault.UNKNOWN_FAMILY;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;

/** Finds, before any transaction, what the database would never take. */
final class BatchCheck {
    private final Tables tables;
    private final Clock clock;
    private final Duration ahead;

    /** @param ahead how far in the future a row may be */
    BatchCheck(Tables tables, Clock clock, Duration ahead) {
        this.tables = tables;
        this.clock = clock;
        this.ahead = ahead;
    }

    /** @throws org.pganalytics.fault.FaultException one that settles */
    void check(BatchContent content) {
        if (content instanceof BatchContent.Undecodable undecodable) {
            throw undecodable.refusal();
        }
        for (var block : ((BatchContent.Decoded) content).blocks()) {
            check(block);
        }
    }

    private void check(ColumnBlock block) {
        var name = block.schema().family();
        var table = tables.lookup(name)
                .orElseThrow(() -> UNKNOWN_FAMILY.because(
                        "family %s is not declared on the server: add its file to conf/families".formatted(name)));
        for (var column : block.schema().columns()) {
            var type = table.columns().get(column.name());
            if (type != column.type()) {
                throw UNKNOWN_COLUMN.because("family %s: the batch has column %s as %s, the table %s"
                        .formatted(
                                name,
                                column.name(),
                                column.type().sqlName(),
                                type == null ? "has none of that name" : "has it as " + type.sqlName()));
            }
        }
        if (block.target().isEmpty() || block.target().length() > ColumnBlock.TARGET_LENGTH_MAX) {
            throw BAD_DATA.because(
                    "a target's name must be 1 to %d characters".formatted(ColumnBlock.TARGET_LENGTH_MAX));
        }
        if (table.family().kind() == MetricFamily.Kind.SAMPLES) {
            checkTime(block, table.family());
        }
    }

    private void checkTime(ColumnBlock block, MetricFamily family) {
        var now = clock.instant();
        var time = Instant.EPOCH.plus(block.collectedAtMicros(), ChronoUnit.MICROS);
        if (time.isBefore(now.minus(family.retention())) || time.isAfter(now.plus(ahead))) {
            throw TIME_OUT_OF_RANGE.because(
                    "rows of %s from %s; kept are those from the last %s to %s ahead of the server's clock, %s"
                            .formatted(family.name(), time, family.retention(), ahead, now));
        }
    }
}
