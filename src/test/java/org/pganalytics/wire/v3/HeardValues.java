package org.pganalytics.wire.v3;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Keeps what it hears, each as a text. */
final class HeardValues implements Values {
    private final List<String> heard = new ArrayList<>();

    List<String> heard() {
        return heard;
    }

    @Override
    public void beginObject() {
        heard.add("{");
    }

    @Override
    public void endObject() {
        heard.add("}");
    }

    @Override
    public void beginArray() {
        heard.add("[");
    }

    @Override
    public void endArray() {
        heard.add("]");
    }

    @Override
    public void name(byte[] bytes, int from, int to) {
        heard.add("NAME " + new String(bytes, from, to - from, StandardCharsets.UTF_8));
    }

    @Override
    public void value(Scalar value) {
        heard.add(value.kind() + " " + value);
    }
}
