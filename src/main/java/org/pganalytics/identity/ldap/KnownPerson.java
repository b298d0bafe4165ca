package org.pganalytics.identity.ldap;

import io.vertx.sqlclient.Row;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.model.Role;

/**
 * Somebody as they stand here.
 *
 * @param local whether they have an account here
 * @param externalId empty for those, and for who was linked and has not been found yet
 * @param disabledBySync whether they are disabled, and by the sync
 */
record KnownPerson(
        UUID id,
        String name,
        Role role,
        boolean local,
        Optional<String> externalId,
        boolean disabled,
        boolean disabledBySync) {
    static final String COLUMNS = "id, name, role, source, external_id, disabled_at IS NOT NULL AS disabled,"
            + " coalesce(disabled_at = sync_disabled_at, false) AS by_sync";

    static KnownPerson of(Row row) {
        return new KnownPerson(
                row.getUUID("id"),
                row.getString("name"),
                Role.of(row.getString("role")).orElseThrow(),
                row.getString("source").equals("local"),
                Optional.ofNullable(row.getString("external_id")),
                row.getBoolean("disabled"),
                row.getBoolean("by_sync"));
    }
}
