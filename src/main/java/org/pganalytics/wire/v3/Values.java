package org.pganalytics.wire.v3;

/** Hears the values of a push in their order, whatever form they come in. */
interface Values {
    void beginObject();

    void endObject();

    void beginArray();

    void endArray();

    /** The name of the member whose value follows. */
    void name(String name);

    /** @param value a String, Long, Double or Boolean, or null */
    void value(Object value);
}
