package org.pganalytics.identity.report;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.audit.report.EventsAbout;
import org.pganalytics.fault.Fault;
import org.pganalytics.identity.ApiToken;
import org.pganalytics.identity.ApiTokens;
import org.pganalytics.identity.People;
import org.pganalytics.identity.PeopleRoutes;
import org.pganalytics.identity.Person;
import org.pganalytics.identity.SessionRoutes;
import org.pganalytics.identity.Sessions;
import org.pganalytics.identity.TokenRoutes;

/**
 * All that is kept of one person, but for secrets, their hashes, and the counts of wrong tries, which are gone after a
 * day. For whoever asks what that is.
 */
public final class PersonExport {
    private static final String MORE = """
            SELECT external_id, (SELECT confirmed_at FROM person_totp WHERE person = p.id) AS second_factor_since
            FROM person p WHERE id = $1
            """;

    private final Pool pool;
    private final People people;
    private final Sessions sessions;
    private final ApiTokens tokens;
    private final AuditTrail audit;

    public PersonExport(Pool pool, People people, Sessions sessions, ApiTokens tokens, AuditTrail audit) {
        this.pool = pool;
        this.people = people;
        this.sessions = sessions;
        this.tokens = tokens;
        this.audit = audit;
    }

    /** Fails with NOT_FOUND. */
    public Future<JsonObject> of(String name, Reports.Asker asker) {
        return people.show(name)
                .compose(person -> sessions.list(name)
                        .compose(held -> tokens.listOwn(person.id())
                                .compose(owned -> pool.withTransaction(tx -> more(tx, person, asker))
                                        .map(more -> more.put("person", PeopleRoutes.json(person))
                                                .put("sessions", SessionRoutes.json(held))
                                                .put("tokens", json(owned))))));
    }

    private static JsonArray json(List<ApiToken> tokens) {
        var array = new JsonArray();
        tokens.stream().map(TokenRoutes::json).forEach(array::add);
        return array;
    }

    private Future<JsonObject> more(SqlConnection tx, Person person, Reports.Asker asker) {
        var who = "person:" + person.name();
        return tx.preparedQuery(MORE)
                .execute(Tuple.of(person.id()))
                .map(found -> {
                    if (found.size() == 0) {
                        throw Fault.NOT_FOUND.because("there is no person '%s' any more".formatted(person.name()));
                    }
                    var row = found.iterator().next();
                    var since = row.getOffsetDateTime("second_factor_since");
                    return new JsonObject()
                            .put("external_id", row.getString("external_id"))
                            .put(
                                    "second_factor_since",
                                    since == null ? null : since.toInstant().toString());
                })
                .compose(more -> EventsAbout.read(tx, who).map(events -> more.put("events", events.json())))
                .compose(more -> audit.add(
                                tx,
                                new AuditRecord(
                                        asker.actor(),
                                        "person.export",
                                        who,
                                        AuditRecord.OK,
                                        asker.address(),
                                        new JsonObject()))
                        .map(more));
    }
}
