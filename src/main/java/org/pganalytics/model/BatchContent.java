package org.pganalytics.model;

import java.util.List;
import org.pganalytics.fault.FaultException;

/** What a batch's body turned out to be. */
public sealed interface BatchContent {
    int rows();

    /** Rows that can be written; none at all in a batch that only declares a loss. */
    record Decoded(List<ColumnBlock> blocks) implements BatchContent {
        public Decoded {
            blocks = List.copyOf(blocks);
        }

        @Override
        public int rows() {
            return blocks.stream().mapToInt(ColumnBlock::rows).sum();
        }
    }

    /** A body that no resend can mend. @param refusal says why; its fault {@code settles()} */
    record Undecodable(FaultException refusal) implements BatchContent {
        @Override
        public int rows() {
            return 0;
        }
    }
}
