package org.pganalytics.identity.ldap;

import io.vertx.sqlclient.Row;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.model.Role;

/**
 * Somebody as they stand here.
 *
 * @param local whether they are not of the directory: they have an account here, or another provider knows them
 * @param externalId of the directory; empty for those others, and for who was linked and has not been found yet
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
        boolean isOfDirectory = row.getString("source").equals("ldap");
        return new KnownPerson(
                row.getUUID("id"),
                row.getString("name"),
                Role.of(row.getString("role")).orElseThrow(),
                !isOfDirectory,
                Optional.ofNullable(row.getString("external_id")).filter(id -> isOfDirectory),
                row.getBoolean("disabled"),
                row.getBoolean("by_sync"));
    }
}
