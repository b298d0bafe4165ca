package org.pganalytics.wire.v3;

/**
 * Hears the values of a push in their order, whatever form they come in. Bytes that are handed in may be read until the
 * call returns, and no longer.
 */
interface Values {
    void beginObject();

    void endObject();

    void beginArray();

    void endArray();

    /** The name of the member whose value follows, in UTF-8. @param from its first byte @param to after its last one */
    void name(byte[] bytes, int from, int to);

    /** One that is no object and no array. */
    void value(Scalar value);
}
