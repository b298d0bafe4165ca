package org.pganalytics.storage;

import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.MetricFamily;

/** What the store must know of the tables that it writes to. */
public interface Tables {
    /** @param columns of the table as it is, by name */
    record Table(MetricFamily family, Map<String, ColumnType> columns) {}

    Optional<Table> lookup(String family);

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
