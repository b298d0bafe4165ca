package org.pganalytics.wire;

import org.pganalytics.fault.Fault;
import org.pganalytics.model.ColumnVector;

/** What is left of the limits of one batch while it is decoded; asked before anything is allocated. */
final class Allowance {
    private final WireLimits limits;
    private int blocks;
    private int rows;
    private long cells;

    Allowance(WireLimits limits) {
        this.limits = limits;
    }

    /** Takes a block whose rows are still to come one by one. */
    void block(int columns) {
        if (++blocks > limits.blocksMax()) {
            throw Fault.UNDECODABLE.because("more than %d blocks in a batch".formatted(limits.blocksMax()));
        }
        cells((long) columns * WireLimits.CELLS_A_VECTOR);
    }

    void rows(long more, int columns) {
        if (more > limits.rowsMax() - rows) {
            throw Fault.UNDECODABLE.because("more than %d rows in a batch".formatted(limits.rowsMax()));
        }
        rows += (int) more;
        cells(more * columns);
    }

    /** Takes texts at the length they have row by row, as they are written later, not at that of their dictionary. */
    void texts(ColumnVector.Texts texts) {
        cells(texts.bytesOfAllRows() / Long.BYTES);
    }

    private void cells(long more) {
        cells += more;
        if (cells > limits.cellsMax()) {
            throw Fault.UNDECODABLE.because(
                    "a batch whose values take more than %d cells of 8 bytes; send fewer rows at once"
                            .formatted(limits.cellsMax()));
        }
    }
}
