package org.pganalytics.wire;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;

/** Up to 32 distinct texts in one field, each a length (u8, at least 1) and UTF-8 without control characters. */
final class NameList {
    static final int NAMES_MAX = 32;
    private static final int NAME_BYTES_MAX = 255;

    private NameList() {}

    static byte[] write(Set<String> names, String what) {
        var out = new BytesOut(NAMES_MAX * (NAME_BYTES_MAX + 1));
        for (var name : names) {
            var bytes = name.getBytes(StandardCharsets.UTF_8);
            if (bytes.length < 1 || bytes.length > NAME_BYTES_MAX || Utf8.hasControls(name)) {
                throw new IllegalArgumentException("a %s has 1 to 255 bytes, no control characters".formatted(what));
            }
            out.u8(bytes.length).bytes(bytes);
        }
        return out.toArray();
    }

    static Set<String> read(BytesIn in, String what) {
        var names = new LinkedHashSet<String>();
        while (in.remaining() > 0) {
            if (names.size() == NAMES_MAX) {
                throw in.bad("more than %d names in a list, each a %s".formatted(NAMES_MAX, what));
            }
            int length = in.u8();
            var bytes = in.copy(length, "a " + what);
            var name = new String(bytes, StandardCharsets.UTF_8);
            if (length == 0 || !Utf8.isText(bytes, 0, length) || Utf8.hasControls(name) || !names.add(name)) {
                throw in.bad("a %s is empty, not UTF-8, has control characters or stands twice".formatted(what));
            }
        }
        return names;
    }
}
