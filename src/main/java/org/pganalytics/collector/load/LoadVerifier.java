package org.pganalytics.collector.load;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.pganalytics.collector.load.JournalReader.SentBatch;
import org.pganalytics.model.MetricFamily;

/**
 * Compares the content of the database with the journal: every row of an acknowledged batch must be there once, of any
 * other batch at most once, and nothing else. Blocks; for a worker.
 */
final class LoadVerifier {
    /** A target as the server knows it. */
    private record KnownTarget(UUID collector, String name) {}

    /** Rows that one block brought. */
    private record Expected(SentBatch batch, ContentHash content) {}

    private final BlockGenerator generator;
    private final Connection connection;
    private final JournalReader.Contents journal;
    private final Findings findings = new Findings();

    LoadVerifier(BlockGenerator generator, Connection connection, JournalReader.Contents journal) {
        this.generator = generator;
        this.connection = connection;
        this.journal = journal;
    }

    Verification verify() throws SQLException, IOException {
        var targetIds = targetIds();
        for (int at = 0; at < generator.families().size(); at++) {
            verify(at, targetIds);
        }
        return findings.verification(generator.families().size());
    }

    private void verify(int familyAt, Map<KnownTarget, Integer> targetIds) throws SQLException, IOException {
        var family = generator.families().get(familyAt);
        var expected = expected(familyAt, targetIds);
        var actual = new HashMap<RowGroup, ContentHash>();
        var scan = new TableScan(connection, family);
        scan.all(
                targetIds.values(),
                (targetId, time, hash) -> actual.merge(
                        new RowGroup(targetId, time),
                        ContentHash.NOTHING.plus(hash),
                        (sum, one) -> sum.plus(one.sum())));
        for (var group : expected.entrySet()) {
            var found = actual.remove(group.getKey());
            if (!group.getValue().content().equals(found)) {
                compare(family, group.getKey(), group.getValue(), found, scan);
            }
        }
        actual.forEach((group, rows) -> findings.unsent(family, group, rows.rows()));
    }

    /** A whole group that is not there needs no second look, and may be there only if it was acknowledged. */
    private void compare(MetricFamily family, RowGroup group, Expected expected, ContentHash found, TableScan scan)
            throws SQLException, IOException {
        boolean acked = expected.batch().fate() == JournalReader.Fate.ACKED;
        if (found == null) {
            if (acked) {
                findings.gone(family, group, expected.content().rows());
            }
            return;
        }
        var source = expected.batch().sending().source();
        var difference = new RowDifference();
        for (var hash : ContentHash.rowHashes(generator.block(family, FleetNames.target(source), source))) {
            difference.sent(hash);
        }
        scan.group(group, (targetId, time, hash) -> difference.found(hash));
        findings.differs(family, group, difference, acked);
    }

    private Map<RowGroup, Expected> expected(int familyAt, Map<KnownTarget, Integer> targetIds) {
        var family = generator.families().get(familyAt);
        boolean timed = family.kind() == MetricFamily.Kind.SAMPLES;
        var expected = new HashMap<RowGroup, Expected>();
        for (var batch : journal.batches()) {
            var source = batch.sending().source();
            var target = new KnownTarget(batch.collector(), FleetNames.target(source));
            var targetId = targetIds.get(target);
            for (var content : batch.sending().families()) {
                if (content.family() != familyAt) {
                    continue;
                }
                if (targetId != null) {
                    expected.put(
                            new RowGroup(targetId, timed ? source.collectedAtMicros() : RowGroup.NO_TIME),
                            new Expected(batch, content.content()));
                } else if (batch.fate() == JournalReader.Fate.ACKED) {
                    findings.withoutTarget(
                            family, target.name(), content.content().rows());
                }
            }
        }
        return expected;
    }

    private Map<KnownTarget, Integer> targetIds() throws SQLException {
        var ids = new HashMap<KnownTarget, Integer>();
        try (var statement = connection.prepareStatement(
                "SELECT target_id, collector_id, name FROM target WHERE collector_id = ANY (?)")) {
            statement.setArray(
                    1, connection.createArrayOf("uuid", journal.collectors().toArray()));
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    ids.put(new KnownTarget(rows.getObject(2, UUID.class), rows.getString(3)), rows.getInt(1));
                }
            }
        }
        return ids;
    }
}
