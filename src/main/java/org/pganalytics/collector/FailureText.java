package org.pganalytics.collector;

/** What went wrong, in a line: libraries often say it only in the cause of the cause. */
final class FailureText {
    private static final int DEPTH_MAX = 10;

    private FailureText() {}

    static String of(Throwable failure) {
        var said = String.valueOf(failure.getMessage());
        var root = failure;
        for (int depth = 0; root.getCause() != null && depth < DEPTH_MAX; depth++) {
            root = root.getCause();
        }
        var why = root.getMessage();
        return why == null || said.contains(why) ? said : said + ": " + why;
    }
}
