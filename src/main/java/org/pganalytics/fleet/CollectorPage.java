package org.pganalytics.fleet;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Part of the inventory, by name. @param next where the next part begins; empty when this is the last */
public record CollectorPage(List<CollectorEntry> collectors, Optional<Cursor> next) {

    /** The last collector of a page; the next one begins after it. */
    public record Cursor(String name, UUID collector) {
        /** Before all collectors. */
        public static final Cursor START = new Cursor("", new UUID(0, 0));
    }

    public CollectorPage {
        collectors = List.copyOf(collectors);
    }
}
