package org.pganalytics.wire;

/** Codes one bit after another at the odds a model gives; the same model runs when writing and when reading. */
sealed interface BitCoder permits BitsOut, BitsIn {
    /**
     * @param bit 0 or 1; not looked at when reading
     * @param odds of a 1, in 65,536ths, 1 to 65,535
     * @return the bit
     */
    int code(int bit, int odds);

    /**
     * Bits as likely as not, which need no odds.
     *
     * @param bits not looked at when reading
     * @param count how many, 1 to 63
     * @return the bits
     */
    long copy(long bits, int count);
}
