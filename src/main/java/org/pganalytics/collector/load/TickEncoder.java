package org.pganalytics.collector.load;

import java.util.ArrayList;
import java.util.List;
import org.pganalytics.collector.OutgoingBatch;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Loss;

/** Makes the rows of an observation and encodes them, once. Immutable, safe from any thread. */
final class TickEncoder {
    /** Turns blocks into what goes over the line. */
    @FunctionalInterface
    interface BodyForm {
        OutgoingBatch encode(BatchPosition position, List<Loss> losses, List<ColumnBlock> blocks);
    }

    private final BlockGenerator generator;
    private final BodyForm form;

    TickEncoder(BlockGenerator generator, BodyForm form) {
        this.generator = generator;
        this.form = form;
    }

    EncodedTick encode(SampleSource source, int epoch, long sequence) {
        var position = new BatchPosition(epoch, sequence, sequence);
        var blocks = new ArrayList<ColumnBlock>();
        var contents = new ArrayList<JournalEntry.FamilyContent>();
        long values = 0;
        for (int at = 0; at < generator.families().size(); at++) {
            var family = generator.families().get(at);
            if (BlockGenerator.isSeen(family, source)) {
                var block = generator.block(family, FleetNames.target(source), source);
                blocks.add(block);
                contents.add(new JournalEntry.FamilyContent(at, ContentHash.of(block)));
                values += (long) block.rows() * block.vectors().size();
            }
        }
        var outgoing = form.encode(position, List.of(), blocks);
        var digest = outgoing.header().digest();
        return new EncodedTick(outgoing, new JournalEntry.Sending(source, epoch, sequence, digest, contents), values);
    }

    /** A batch without rows that settles numbers which are no longer kept. */
    OutgoingBatch forgotten(int epoch, long from, long upTo) {
        var loss = new Loss("", Loss.Reason.NO_LONGER_KEPT, 0, 0, 0);
        return form.encode(new BatchPosition(epoch, upTo, from), List.of(loss), List.of());
    }
}
