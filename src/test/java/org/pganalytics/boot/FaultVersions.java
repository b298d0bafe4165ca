package org.pganalytics.boot;

import java.nio.file.Path;
import java.util.List;

/**
 * Which version of the server runs where. With a version before, all three begin as it; the second stays it, and the others
 * change to this version when they are started again, back to the one before the next time, and so on.
 */
final class FaultVersions {
    private static final int STAYS = 1;

    private final List<String> ours;
    private final Path before;
    private final boolean[] changed = new boolean[3];

    /** @param ours starts this version's server @param before null for this version alone */
    private FaultVersions(List<String> ours, Path before) {
        this.ours = ours;
        this.before = before;
    }

    static FaultVersions thisOne() {
        return new FaultVersions(Program.command("serve"), null);
    }

    /** As anybody starts it, by the launcher. @param before the folder with the version before, built; null for none */
    static FaultVersions launched(Path before) {
        return new FaultVersions(
                List.of(Path.of("pganalytics").toAbsolutePath().toString(), "serve"),
                before == null ? null : before.toAbsolutePath());
    }

    boolean isMixed() {
        return before != null;
    }

    /** What all three begin with. */
    List<String> first() {
        return isMixed() ? theirs() : ours;
    }

    /** What one becomes that is started again. @param server from 0 */
    List<String> next(int server) {
        changed[server] = !isMixed() || server != STAYS && !changed[server];
        return changed[server] ? ours : theirs();
    }

    /** Whether this version runs there. @param server from 0 */
    boolean isOurs(int server) {
        return !isMixed() || changed[server];
    }

    private List<String> theirs() {
        return List.of("sh", "-c", "cd \"$0\" && exec ./pganalytics serve", before.toString());
    }
}
