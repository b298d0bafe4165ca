package org.pganalytics.model;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a collector is called beside its name: up to 32 {@code key=value}, by which parts of a fleet are chosen. */
public final class Labels {
    public static final int LABELS_MAX = 32;
    public static final String FORM = "key=value; a key is 1 to 63 of a-z 0-9 . _ - and begins with a letter or digit,"
            + " a value 1 to 128 bytes without comma and control characters";

    private static final Pattern KEY = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
    private static final int VALUE_BYTES_MAX = 128;

    private Labels() {}

    /** @throws IllegalArgumentException for a text that is no label, or a key that stands twice */
    public static Map<String, String> parse(Collection<String> texts) {
        if (texts.size() > LABELS_MAX) {
            throw new IllegalArgumentException("labels must be at most %d, not %d".formatted(LABELS_MAX, texts.size()));
        }
        var labels = new TreeMap<String, String>();
        for (var text : texts) {
            int equals = text.indexOf('=');
            var key = equals < 0 ? text : text.substring(0, equals);
            check(key, equals < 0 ? "" : text.substring(equals + 1));
            if (labels.put(key, text.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("labels must be distinct: %s stands twice".formatted(key));
            }
        }
        return labels;
    }

    /** @throws IllegalArgumentException when it is no label */
    public static void check(String key, String value) {
        boolean good = KEY.matcher(key).matches()
                && !value.isEmpty()
                && value.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= VALUE_BYTES_MAX
                && value.indexOf(',') < 0
                && value.codePoints().noneMatch(Labels::isOdd);
        if (!good) {
            throw new IllegalArgumentException(
                    "labels must be %s; this is none: %s".formatted(FORM, shown(key + "=" + value)));
        }
    }

    /** Control characters, and halves of a surrogate pair, which the database does not take. */
    private static boolean isOdd(int character) {
        return Character.isISOControl(character) || character >= 0xD800 && character <= 0xDFFF;
    }

    private static String shown(String text) {
        var line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() > 80 ? line.substring(0, 80) + "…" : line;
    }
}
