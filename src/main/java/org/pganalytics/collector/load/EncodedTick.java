package org.pganalytics.collector.load;

import org.pganalytics.collector.OutgoingBatch;

/** One observation, ready for the journal and the wire. @param values rows times columns, over all families */
record EncodedTick(OutgoingBatch outgoing, JournalEntry.Sending sending, long values) {}
