package org.pganalytics.wire;

/** How the values of a column are written; protocol: append, never renumber. */
final class Encoding {
    /** One value for all rows. */
    static final int CONSTANT = 1;

    /** Integers: each as a signed varint. */
    static final int VARINT = 2;

    /** Integers: the first as a signed varint, then the differences. */
    static final int DELTA = 3;

    /** Integers: the least as a signed varint, a width in bits, then the distances from it, bit by bit. */
    static final int PACKED = 4;

    /** Integers and floats: what has changed since the block before. */
    static final int SINCE = 5;

    /** Integers: what can be foreseen of each from those before it costs less; by arithmetic coding. */
    static final int MODELLED = 6;

    /** Integers: the differences from a column before this one in the block, or from the row before. */
    static final int BESIDE = 7;

    /** Integers: a number that divides all of them, then what it leaves. */
    static final int SCALED = 8;

    /** Floats: how many decimals, then the digits as integers. */
    static final int DECIMAL = 16;

    /** Floats: all first bytes, then all second ones, and so on. */
    static final int PLANES = 17;

    /** Floats: decimals, as differences from another column if it says so, and how far each value is off, bit by bit. */
    static final int NEARLY = 18;

    /** Texts: each one, no two need to be the same. */
    static final int PLAIN = 32;

    /** Texts: a dictionary, then an index a row. */
    static final int DICTIONARY = 33;

    /** Texts: a dictionary, then runs of indexes. */
    static final int RUNS = 34;

    static final int NO_NULLS = 0;
    static final int SOME_NULLS = 1;
    static final int ONLY_NULLS = 2;

    /** Instead of nulls and values: the column is that of the block before. */
    static final int SAME = 3;

    /** The block stands alone, or follows the last one of its family and target in this batch, row by row. */
    static final int ALONE = 0;

    static final int FOLLOWING = 1;

    private Encoding() {}
}
