package org.pganalytics.boot;

import java.nio.file.Path;
import java.util.List;

/**
 * Which version of the server runs where: this one, or by turns the one before.
 *
 * @param before the folder in which the version before is built; null for this version alone
 */
record FaultVersions(Path before) {
    static final FaultVersions THIS_ONE = new FaultVersions(null);

    /** What all three begin with. */
    List<String> first() {
        return before == null ? ours() : theirs();
    }

    /** What one becomes that is started again. @param server from 0: the second stays of the version before */
    List<String> next(int server) {
        return before == null || server != 1 ? ours() : theirs();
    }

    private static List<String> ours() {
        return Program.command("serve");
    }

    private List<String> theirs() {
        return List.of("sh", "-c", "cd \"$0\" && exec ./pganalytics serve", before.toString());
    }
}
