package org.pganalytics.storage.series;

import org.pganalytics.model.ColumnBlock;

/** A block as it is to be stored. @param block without rows when all of a dictionary's are folded */
public record FoldedBlock(ColumnBlock block, Folding folding) {}
