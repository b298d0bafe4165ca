package org.pganalytics.identity.report;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.pganalytics.audit.report.ReportTable;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Permission;
import org.pganalytics.model.Role;

/** Who may do what now: people, those shut out included, and the tokens that hold. */
final class AccessReview {
    private static final List<String> COLUMNS = List.of(
            "kind",
            "name",
            "owner",
            "source",
            "provider",
            "role",
            "may",
            "second_factor",
            "disabled",
            "created_at",
            "last_used_at",
            "ends_at");

    private static final String WHO = """
            SELECT 'person' AS kind, name, NULL AS owner, source, nullif(provider, '') AS provider, role,
                NULL::text[] AS scopes,
                EXISTS (SELECT FROM person_totp t WHERE t.person = p.id AND confirmed_at IS NOT NULL) AS second_factor,
                disabled_at IS NOT NULL AS disabled, created_at, signed_in_at AS last_used_at, NULL::timestamptz AS ends_at
            FROM person p
            UNION ALL
            SELECT 'api-token', t.name, p.name, NULL, NULL, p.role, scopes, NULL, p.disabled_at IS NOT NULL, t.created_at,
                last_used_at, ends_at
            FROM api_token t LEFT JOIN person p ON p.id = t.person WHERE revoked_at IS NULL AND ends_at > now()
            UNION ALL
            SELECT 'admin-token', name, NULL, NULL, NULL, 'admin', NULL, NULL, false, created_at, last_used_at, NULL
            FROM admin_token WHERE revoked_at IS NULL
            ORDER BY 1, 3 NULLS FIRST, 2 LIMIT %d
            """.formatted(ReportTable.ROWS_MAX + 1);

    private AccessReview() {}

    /** Fails with BAD_REQUEST when they are too many. */
    static Future<ReportTable> read(SqlClient client) {
        return client.query(WHO).execute().map(found -> {
            if (found.size() > ReportTable.ROWS_MAX) {
                throw Fault.BAD_REQUEST.because("there are more than %,d people and tokens: list them page by page"
                        .formatted(ReportTable.ROWS_MAX));
            }
            return new ReportTable(
                    COLUMNS,
                    StreamSupport.stream(found.spliterator(), false)
                            .map(AccessReview::cells)
                            .toList());
        });
    }

    private static List<Object> cells(Row row) {
        return Arrays.asList(
                row.getString("kind"),
                row.getString("name"),
                row.getString("owner"),
                row.getString("source"),
                row.getString("provider"),
                row.getString("role"),
                may(row),
                row.getBoolean("second_factor"),
                row.getBoolean("disabled"),
                time(row.getOffsetDateTime("created_at")),
                time(row.getOffsetDateTime("last_used_at")),
                time(row.getOffsetDateTime("ends_at")));
    }

    /** A person's token has no more than its owner; a service's has what it says; whoever is shut out has nothing. */
    private static String may(Row row) {
        var scopes = row.getArrayOfStrings("scopes");
        var may = new TreeSet<String>();
        if (scopes != null) {
            may.addAll(Arrays.asList(scopes));
        }
        if (row.getString("role") != null) {
            var ofRole = keys(Role.of(row.getString("role")).orElseThrow().permissions());
            if (scopes == null) {
                may.addAll(ofRole);
            } else {
                may.retainAll(ofRole);
            }
        }
        return row.getBoolean("disabled") ? "" : String.join(" ", may);
    }

    private static Set<String> keys(Set<Permission> permissions) {
        return permissions.stream().map(Permission::key).collect(Collectors.toSet());
    }

    private static String time(OffsetDateTime time) {
        return time == null ? null : time.toInstant().toString();
    }
}
