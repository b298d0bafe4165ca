package org.pganalytics.identity.federation;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.http.Origin;
import org.pganalytics.identity.People;
import org.pganalytics.secrets.RandomSecrets;

/**
 * Sign-ins that were sent to a provider and have not come back, each good once. PostgreSQL has them, so that any server
 * takes the answer; states and cookies are nowhere, only their hashes. Beyond the most the oldest gives way: who floods
 * this must go on and on to keep others out.
 */
public final class PendingSignIns {
    /** How long somebody may take at the provider. */
    public static final Duration LIFE = Duration.ofMinutes(10);

    static final int NETWORK_MAX = 100;
    private static final int ALL_MAX = 10_000;

    // "pgpend" in ASCII: one after the other, so that the most holds.
    private static final String BEGINNING = "SELECT pg_advisory_xact_lock(x'706770656e64'::bigint)";
    private static final String MAKE_ROOM = """
            DELETE FROM pending_sign_in WHERE ends_at <= now()
                OR state_hash IN (SELECT state_hash FROM pending_sign_in WHERE network = $1
                    ORDER BY begun_at DESC OFFSET $2)
                OR state_hash IN (SELECT state_hash FROM pending_sign_in ORDER BY begun_at DESC OFFSET $3)
            """;
    private static final String BEGIN = """
            INSERT INTO pending_sign_in
                (state_hash, browser_hash, source, provider, request, target, network, begun_at, ends_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), clock_timestamp() + $8 * interval '1 ms')
            """;
    private static final String REQUEST = """
            SELECT request FROM pending_sign_in
            WHERE state_hash = $1 AND source = $2 AND provider = $3 AND answer IS NULL AND ends_at > now()
            """;
    private static final String ANSWER = """
            UPDATE pending_sign_in SET answer = $4
            WHERE state_hash = $1 AND source = $2 AND provider = $3 AND answer IS NULL AND ends_at > now()
            """;
    /** Whoever shows the state uses it up, also from another browser. */
    private static final String TAKE = """
            DELETE FROM pending_sign_in WHERE state_hash = $1 AND source = $2 AND provider = $3
            RETURNING request, answer, target, browser_hash = $4 AS same, ends_at > now() AS holds
            """;

    private static final String TRIM = "DELETE FROM pending_sign_in WHERE ends_at <= now()";

    private final Pool pool;
    private final RandomSecrets random;

    public PendingSignIns(Pool pool, RandomSecrets random) {
        this.pool = pool;
        this.random = random;
    }

    /**
     * One that came back.
     *
     * @param request what was kept at its beginning
     * @param answer what was kept by {@link #answer}; empty without
     * @param target where its owner wanted to go: a path here
     */
    public record Taken(Ticket ticket, String request, Optional<String> answer, String target) {}

    /**
     * Begins one. Fails with BAD_REQUEST for a target that is not here.
     *
     * @param request what an answer is to be compared with: nothing secret, at most 1,024 bytes
     */
    public Future<Ticket> begin(Provider provider, String request, String target, Origin origin) {
        ReturnPath.require(target);
        // A browser may begin several, each in a page of its own.
        var ticket = new Ticket(random.next(), origin.signIn().isEmpty() ? random.next() : origin.signIn());
        var network = Origin.network(origin.address());
        return pool.withTransaction(tx -> tx.query(BEGINNING)
                        .execute()
                        .compose(locked ->
                                tx.preparedQuery(MAKE_ROOM).execute(Tuple.of(network, NETWORK_MAX - 1, ALL_MAX - 1)))
                        .compose(room -> tx.preparedQuery(BEGIN)
                                .execute(Tuple.of(
                                        hash(ticket.state()),
                                        hash(ticket.browser()),
                                        provider.source().key(),
                                        provider.id(),
                                        request,
                                        target,
                                        network,
                                        LIFE.toMillis()))))
                .map(ticket)
                .recover(People::refusal);
    }

    /** What was kept at the beginning, without using it up. Fails with UNAUTHENTICATED when it is none or was answered. */
    public Future<String> request(Provider provider, String state) {
        return pool.preparedQuery(REQUEST)
                .execute(Tuple.of(hash(state), provider.source().key(), provider.id()))
                .compose(rows -> rows.size() == 1
                        ? Future.succeededFuture(rows.iterator().next().getString("request"))
                        : Future.failedFuture(unknown()))
                .recover(People::refusal);
    }

    /**
     * Keeps what has come, checked, until the browser that began it asks for it. Once. Fails with UNAUTHENTICATED.
     *
     * @param answer at most 4,096 bytes
     */
    public Future<Void> answer(Provider provider, String state, String answer) {
        return pool.preparedQuery(ANSWER)
                .execute(Tuple.of(hash(state), provider.source().key(), provider.id(), answer))
                .compose(rows -> rows.rowCount() == 1 ? Future.<Void>succeededFuture() : Future.failedFuture(unknown()))
                .recover(People::refusal);
    }

    /** Uses it up. Fails with UNAUTHENTICATED when it is none, is over, or is another browser's. */
    public Future<Taken> take(Provider provider, String state, Origin origin) {
        return pool.preparedQuery(TAKE)
                .execute(Tuple.of(hash(state), provider.source().key(), provider.id(), hash(origin.signIn())))
                .compose(rows -> rows.size() == 1
                        ? taken(
                                new Ticket(state, origin.signIn()),
                                rows.iterator().next())
                        : Future.<Taken>failedFuture(unknown()))
                .recover(People::refusal);
    }

    private static Future<Taken> taken(Ticket ticket, Row row) {
        if (!row.getBoolean("holds")) {
            return Future.failedFuture(unknown());
        }
        return row.getBoolean("same")
                ? Future.succeededFuture(new Taken(
                        ticket,
                        row.getString("request"),
                        Optional.ofNullable(row.getString("answer")),
                        row.getString("target")))
                : Future.failedFuture(Fault.UNAUTHENTICATED.because(
                        "this sign-in was begun in another browser, or at another address of this server; begin here"));
    }

    private static FaultException unknown() {
        return Fault.UNAUTHENTICATED.because(
                "this sign-in is none that is under way: it was used already, or took longer than %d minutes; begin again"
                        .formatted(LIFE.toMinutes()));
    }

    /** Forgets what is over. */
    public Future<Void> trim() {
        return pool.query(TRIM).execute().mapEmpty();
    }

    private static Buffer hash(String secret) {
        return Buffer.buffer(RandomSecrets.hash(secret));
    }
}
