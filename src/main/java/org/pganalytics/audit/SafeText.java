package org.pganalytics.audit;

/** Makes text from strangers fit to be kept and shown: bounded, without control characters or broken surrogates. */
public final class SafeText {
    private static final char REPLACEMENT = '\uFFFD';

    private SafeText() {}

    /** @param lengthMax most UTF-16 units of the result; what is cut off is marked by an ellipsis */
    public static String of(String text, int lengthMax) {
        if (text == null) {
            return "";
        }
        var safe = new StringBuilder(Math.min(text.length(), lengthMax));
        int at = 0;
        while (at < text.length()) {
            int point = text.codePointAt(at);
            at += Character.charCount(point);
            if (safe.length() + Character.charCount(point) > lengthMax - (at < text.length() ? 1 : 0)) {
                return safe.append('…').toString();
            }
            safe.appendCodePoint(shown(point) ? point : REPLACEMENT);
        }
        return safe.toString();
    }

    private static boolean shown(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
