package org.pganalytics.fleet;

import java.util.Set;

/**
 * What a collector says of its configuration.
 *
 * @param running the tag of what it runs of ours; empty for nothing
 * @param refused the tag of what it did not take; empty when it took the last one
 * @param note why not, or what it leaves out
 * @param labels each {@code key=value}
 */
public record ConfigReport(String running, String refused, String note, Set<String> labels) {
    public ConfigReport {
        labels = Set.copyOf(labels);
    }

    /** The tags of the documents that it has, or had and refused. */
    public Set<String> known() {
        return running.equals(refused) ? Set.of(running) : Set.of(running, refused);
    }
}
