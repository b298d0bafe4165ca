package org.pganalytics.wire;

import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * How one kind of control frame is written and read.
 *
 * @param type its number on the wire: protocol, append, never renumber
 */
record FrameForm<F extends Frame>(
        int type, Class<F> frame, BiConsumer<F, FieldsOut> writer, Function<FieldsIn, F> reader) {

    byte[] write(Frame what) {
        var fields = new FieldsOut();
        writer.accept(frame.cast(what), fields);
        return fields.toArray();
    }

    Frame read(byte[] payload) {
        return reader.apply(new FieldsIn(payload));
    }
}
