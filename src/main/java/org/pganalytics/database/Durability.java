package org.pganalytics.database;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.Optional;

/**
 * What becomes of acknowledged rows when the database's machine is lost for good, by its {@code synchronous_standby_names}.
 *
 * @param standbys that a COMMIT waits for, as PostgreSQL's setting has them; empty for none
 */
public record Durability(String standbys) {

    /** @param client to the host that takes writes */
    public static Future<Durability> of(SqlClient client) {
        return client.query("SELECT current_setting('synchronous_standby_names') AS standbys")
                .execute()
                .map(rows -> new Durability(rows.iterator().next().getString("standbys")));
    }

    /** For people; empty when nothing is at risk. */
    public Optional<String> atRisk() {
        return standbys.isBlank()
                ? Optional.of(
                        "a COMMIT waits for no other machine (synchronous_standby_names is empty): if the database's"
                                + " machine is lost for good, so are rows that were acknowledged last")
                : Optional.empty();
    }
}
