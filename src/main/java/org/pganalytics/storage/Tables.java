package org.pganalytics.storage;

import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.pganalytics.storage.tables.FamilyTable;

/** What the store must know of the tables that it writes to. */
public interface Tables {
    /** A declared family's table; empty when it is not declared, or cannot be made. */
    Optional<FamilyTable> lookup(String family);

    /** Completes when rows of that day (UTC) have a place. */
    Future<Void> ensure(String family, LocalDate day);

    /** Forgets what is known of the database and reads it anew. */
    Future<Void> refresh();

    /**
     * Grows whenever a connection was opened anew, perhaps to another, restored database: what was learned under an
     * earlier number does not hold.
     */
    long generation();

    /** The ids of a collector's targets by their names, new ones included. */
    Future<Map<String, Integer>> targets(UUID collector, Set<String> names);
}
