package org.pganalytics.storage;

import java.util.List;
import org.pganalytics.fault.FaultException;

/**
 * A batch, ready for a transaction.
 *
 * @param blocks encoded; empty when it is refused
 * @param refusal why its content is refused for ever, or null
 */
record Work(Pending pending, List<EncodedBlock> blocks, FaultException refusal) {
    Work refused(FaultException why) {
        release();
        return new Work(pending, List.of(), why);
    }

    void release() {
        blocks.forEach(EncodedBlock::release);
    }
}
