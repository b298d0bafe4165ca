package org.pganalytics.collector.load;

import java.util.List;
import java.util.UUID;
import org.pganalytics.model.Digest;

/** What the journal says happened, in the order it happened. */
sealed interface JournalEntry {

    /** A collector was let in. @param number of the simulated collector, from 0 */
    record Registered(int number, UUID collector) implements JournalEntry {}

    /** A batch is about to leave for the first time. @param families what it holds, a block each */
    record Sending(SampleSource source, int epoch, long sequence, Digest digest, List<FamilyContent> families)
            implements JournalEntry {
        public Sending {
            families = List.copyOf(families);
        }

        int rows() {
            return families.stream()
                    .mapToInt(family -> (int) family.content().rows())
                    .sum();
        }
    }

    /** Everything of the collector's epoch up to this number was acknowledged, but for what was refused. */
    record Acked(int number, int epoch, long sequence) implements JournalEntry {}

    /** A batch was refused for ever: its rows are in the quarantine, not in the tables. */
    record Refused(int number, int epoch, long sequence) implements JournalEntry {}

    /** @param family its place in the list of families that the run was started with */
    record FamilyContent(int family, ContentHash content) {}
}
