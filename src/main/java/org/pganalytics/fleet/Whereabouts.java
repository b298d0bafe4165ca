package org.pganalytics.fleet;

import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Tells which servers hold these collectors now, by name; what is not known is left out. Never fails. */
@FunctionalInterface
public interface Whereabouts {
    Future<Map<UUID, String>> of(List<UUID> collectors);
}
