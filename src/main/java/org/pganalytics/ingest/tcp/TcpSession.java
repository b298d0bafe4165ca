package org.pganalytics.ingest.tcp;

import io.vertx.core.AsyncResult;
import java.time.Duration;
import java.util.UUID;
import org.pganalytics.admission.TokenGrant;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.ingest.LiveSession;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.model.Standing;
import org.pganalytics.wire.Frame;

/** A collector that was let in: its control frames here, its batches in {@link BatchFlow}. Runs on one event loop. */
final class TcpSession implements Phase, LiveSession {
    private static final Duration TOKEN_RETRY = Duration.ofSeconds(1);

    private final TcpConnection connection;
    private final TcpDoor.Shared shared;
    private final Turn turn;
    private final BatchFlow flow;
    private final Lease lease;
    private final ConfigTalk configs;
    private boolean refreshing;
    private boolean over;

    /** Who, by which name in the ledger, and where it stands there. */
    record Turn(CollectorPrincipal principal, UUID id, Standing standing) {}

    TcpSession(TcpConnection connection, TcpDoor.Shared shared, Turn turn) {
        this.connection = connection;
        this.shared = shared;
        this.turn = turn;
        this.flow = new BatchFlow(connection, shared, turn);
        this.configs = new ConfigTalk(connection, shared.corridor().configs(), turn.principal());
        this.lease = new Lease(shared.corridor().ledger(), turn, connection::end);
    }

    Turn turn() {
        return turn;
    }

    /** Gives the turn back, of a session that nobody has heard of. */
    void abandon() {
        over = true;
        lease.release();
    }

    void welcome() {
        var limits = shared.lobby().limits();
        connection.send(new Frame.Welcome(
                turn.id(),
                turn.standing().epoch(),
                turn.standing().mark(),
                shared.config().window(),
                limits.bodyBytesMax(),
                limits.uncompressedBytesMax(),
                turn.standing().lease().toMillis(),
                shared.wallMicros()));
    }

    @Override
    public void take(Frame frame) {
        if (frame instanceof Frame.BatchFrame batch) {
            flow.take(batch);
        } else if (frame instanceof Frame.Schema declared) {
            flow.declare(declared.schema());
        } else if (frame instanceof Frame.Ping ping) {
            connection.send(new Frame.Pong(ping.nonce()));
        } else if (frame instanceof Frame.Token asked) {
            refresh(asked);
        } else if (frame instanceof Frame.ConfigRequest asked) {
            configs.asked(asked);
        } else if (frame instanceof Frame.GoAway) {
            connection.cut(null);
        } else if (!(frame instanceof Frame.Pong)) {
            throw Fault.BAD_FRAME.because(
                    "a collector does not send " + frame.getClass().getSimpleName() + " within a session");
        }
    }

    private void refresh(Frame.Token asked) {
        if (refreshing) {
            throw Fault.BAD_FRAME.because("a TOKEN frame is still to be answered");
        }
        if (!asked.collector().equals(turn.principal().collector())) {
            throw Fault.BAD_FRAME.because("a session renews the token of its own collector only");
        }
        refreshing = true;
        shared.corridor()
                .doorkeeper()
                .refresh(asked.collector(), asked.refreshSecret(), connection.address())
                .onComplete(answer -> refreshed(asked, answer));
    }

    /** A session outlives its token, so what may succeed later is tried again rather than ending it. */
    private void refreshed(Frame.Token asked, AsyncResult<TokenGrant> answer) {
        refreshing = false;
        if (over) {
            return;
        }
        if (answer.succeeded()) {
            var grant = answer.result();
            connection.send(new Frame.TokenGranted(
                    grant.token(), grant.refreshSecret(), grant.lifetime().toMillis()));
            return;
        }
        var why = Handshake.refusal(answer.cause());
        if (!why.fault().retryable()) {
            connection.end(why);
            return;
        }
        refreshing = true;
        var wait = why.retryAfter().orElse(TOKEN_RETRY);
        connection.vertx().setTimer(Math.max(1, wait.toMillis()), due -> {
            refreshing = false;
            if (!over) {
                refresh(asked);
            }
        });
    }

    @Override
    public boolean isHeld() {
        return true;
    }

    @Override
    public void letGo() {
        connection.context().runOnContext(run -> flow.drain("another server has fewer collectors"));
    }

    @Override
    public void end(FaultException why) {
        connection.context().runOnContext(run -> connection.end(why));
    }

    @Override
    public void configChanged(Duration within) {
        connection.context().runOnContext(run -> connection.send(new Frame.ConfigChanged(within.toMillis())));
    }

    @Override
    public void tick(Duration age) {
        lease.renewWhenDue(age);
    }

    @Override
    public void drain() {
        flow.drain("the server is going down");
    }

    @Override
    public void closed(Fault why) {
        if (over) {
            return;
        }
        over = true;
        flow.close();
        lease.release();
        shared.lobby().sessions().closed(turn.principal().collector(), this);
        shared.corridor().bus().publish(new Event.SessionClosed(turn.principal().collector(), turn.id(), why));
    }
}
