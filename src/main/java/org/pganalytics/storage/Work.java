package org.pganalytics.storage;

import java.util.List;
import org.pganalytics.fault.FaultException;

/**
 * A batch, ready for a transaction.
 *
 * @param blocks encoded; empty when it is refused
 * @param refusal why its content is refused for ever, or null
 * @param body for the quarantine; null unless it is refused
 */
record Work(Pending pending, List<EncodedBlock> blocks, FaultException refusal, KeptBody body) {
    static Work of(Pending pending, List<EncodedBlock> blocks) {
        return new Work(pending, blocks, null, null);
    }

    void release() {
        blocks.forEach(EncodedBlock::release);
    }
}
