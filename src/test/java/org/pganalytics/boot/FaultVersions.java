package org.pganalytics.boot;

import java.nio.file.Path;
import java.util.List;

/**
 * Which version of the server runs where: this one, or by turns the one before.
 *
 * @param ours starts this version's server
 * @param before the folder in which the version before is built; null for this version alone
 */
record FaultVersions(List<String> ours, Path before) {
    static final FaultVersions THIS_ONE = new FaultVersions(Program.command("serve"), null);

    /** As anybody starts it, by the launcher. @param before null for none */
    static FaultVersions launched(Path before) {
        return new FaultVersions(
                List.of(Path.of("pganalytics").toAbsolutePath().toString(), "serve"),
                before == null ? null : before.toAbsolutePath());
    }

    /** What all three begin with. */
    List<String> first() {
        return before == null ? ours : theirs();
    }

    /** What one becomes that is started again. @param server from 0: the second stays of the version before */
    List<String> next(int server) {
        return before == null || server != 1 ? ours : theirs();
    }

    private List<String> theirs() {
        return List.of("sh", "-c", "cd \"$0\" && exec ./pganalytics serve", before.toString());
    }
}
