package org.pganalytics.cluster;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other servers on the database how many collectors this one holds, hears it of them, and lets go of those that
 * are beyond a fair part. One that has not told for three rounds is gone. While the database is away all stay where they
 * are.
 */
public final class Peers extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(Peers.class);
    private static final int ROUNDS_UNTIL_GONE = 3;
    private static final String TELL = """
            WITH told AS (
                INSERT INTO server_peer (server_id, sessions, seen_at) VALUES ($1, $2, now())
                ON CONFLICT (server_id) DO UPDATE SET sessions = excluded.sessions, seen_at = excluded.seen_at),
            forgotten AS (DELETE FROM server_peer WHERE seen_at < now() - interval '1 day')
            SELECT sessions FROM server_peer
            WHERE server_id <> $1 AND seen_at > now() - $3::int8 * interval '1 millisecond'
            """;
    private static final String LEAVE = "DELETE FROM server_peer WHERE server_id = $1";

    private final Pool pool;
    private final SpreadConfig config;
    private final IntSupplier held;
    private final IntUnaryOperator letGo;
    private final Counter moved;
    private final UUID own = UUID.randomUUID();
    private final FairShare share = new FairShare();
    private boolean stopping;
    private boolean failing;
    private Future<?> round = Future.succeededFuture();

    /**
     * @param held how many collectors hold a connection to this server
     * @param letGo asks so many of them to connect again, and says how many were asked; both are called on an event loop
     */
    public Peers(Pool pool, SpreadConfig config, IntSupplier held, IntUnaryOperator letGo, MeterRegistry meters) {
        this.pool = pool;
        this.config = config;
        this.held = held;
        this.letGo = letGo;
        this.moved = Counter.builder("pganalytics.ingest.sessions.let.go")
                .description("Collectors asked to connect again, so that servers hold about as many")
                .register(meters);
    }

    @Override
    public Future<?> start() {
        round();
        return Future.succeededFuture();
    }

    /** The others count this one no more. */
    @Override
    public Future<?> stop() {
        stopping = true;
        return round.eventually(
                () -> pool.preparedQuery(LEAVE).execute(Tuple.of(own)).otherwiseEmpty());
    }

    private void round() {
        int holds = held.getAsInt();
        long goneMillis = config.every().toMillis() * ROUNDS_UNTIL_GONE;
        round = pool.preparedQuery(TELL)
                .execute(Tuple.of(own, holds, goneMillis))
                .onSuccess(rows -> spread(holds, rows))
                .onFailure(this::stay)
                .otherwiseEmpty()
                .onComplete(told -> {
                    if (!stopping) {
                        vertx.setTimer(config.every().toMillis(), next -> round());
                    }
                });
    }

    private void spread(int holds, RowSet<Row> rows) {
        failing = false;
        if (stopping || !config.enabled()) {
            return;
        }
        List<Integer> others = new ArrayList<>();
        rows.forEach(row -> others.add(row.getInteger("sessions")));
        int many = share.letGo(holds, others);
        if (many > 0) {
            int asked = letGo.applyAsInt(many);
            moved.increment(asked);
            LOG.info("{} of {} collectors are asked to connect again: the other servers hold {}", asked, holds, others);
        }
    }

    private void stay(Throwable failure) {
        if (!failing && !stopping) {
            failing = true;
            LOG.warn("The other servers cannot be heard, collectors stay where they are: {}", failure.getMessage());
        }
    }
}
