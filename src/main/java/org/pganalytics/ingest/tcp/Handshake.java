package org.pganalytics.ingest.tcp;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.model.Standing;
import org.pganalytics.tls.Authority;
import org.pganalytics.wire.Frame;

/** Lets a collector in: it may register, renew its token or get a certificate, and then says HELLO. One step at a time. */
final class Handshake implements Phase {
    private final TcpConnection connection;
    private final TcpDoor.Shared shared;

    Handshake(TcpConnection connection, TcpDoor.Shared shared) {
        this.connection = connection;
        this.shared = shared;
    }

    @Override
    public void take(Frame frame) {
        var doorkeeper = shared.corridor().doorkeeper();
        var address = connection.address();
        if (frame instanceof Frame.Hello hello) {
            step(
                    shared.corridor()
                            .signIn(hello::token, connection.address())
                            .map(this::certified)
                            .compose(principal -> welcomed(principal, hello)),
                    this::enter);
        } else if (frame instanceof Frame.Register asked) {
            step(
                    doorkeeper.register(asked.secret(), asked.name(), asked.version(), address),
                    given -> connection.send(new Frame.Registered(
                            given.collector(),
                            given.token(),
                            given.refreshSecret(),
                            given.lifetime().toMillis())));
        } else if (frame instanceof Frame.Token asked) {
            step(
                    doorkeeper.refresh(asked.collector(), asked.refreshSecret(), address),
                    given -> connection.send(new Frame.TokenGranted(
                            given.token(),
                            given.refreshSecret(),
                            given.lifetime().toMillis())));
        } else if (frame instanceof Frame.Certify asked) {
            step(
                    certificate(asked),
                    issued -> connection.send(
                            new Frame.Certified(issued.pem(), issued.lifetime().toMillis())));
        } else if (frame instanceof Frame.Ping ping) {
            connection.send(new Frame.Pong(ping.nonce()));
        } else {
            throw Fault.BAD_FRAME.because("REGISTER, TOKEN, CERTIFY or HELLO come first, not "
                    + frame.getClass().getSimpleName());
        }
    }

    /** For the token that says who it is, and the refresh secret that a stolen token lacks. */
    private Future<Authority.Issued> certificate(Frame.Certify asked) {
        var corridor = shared.corridor();
        var address = connection.address();
        return corridor.signIn(asked::token, address)
                .map(corridor::unlessRevoked)
                .compose(principal -> corridor.certificates()
                        .certify(
                                principal,
                                () -> corridor.doorkeeper()
                                        .confirm(principal.collector(), asked.refreshSecret(), address)
                                        .map(asked.request()),
                                address));
    }

    private <T> void step(Future<T> asked, Consumer<T> next) {
        connection.pause();
        asked.onComplete(answer -> {
            if (connection.ended()) {
                return;
            }
            try {
                if (answer.failed()) {
                    throw refusal(answer.cause());
                }
                next.accept(answer.result());
                connection.resume();
            } catch (FaultException refused) {
                connection.end(refused);
            }
        });
    }

    static FaultException refusal(Throwable failure) {
        return failure instanceof FaultException known
                ? known
                : Fault.INTERNAL.because("the server's log says more", failure);
    }

    /** Not before: whoever has no certificate yet registers, or renews its token, without. */
    private CollectorPrincipal certified(CollectorPrincipal principal) {
        shared.entrance().requireCertificate(principal, connection.tls(), connection.address());
        return principal;
    }

    private Future<TcpSession> welcomed(CollectorPrincipal principal, Frame.Hello hello) {
        var session = UUID.randomUUID();
        var ledger = shared.corridor().ledger();
        return ledger.open(principal.collector(), hello.instance(), session)
                .map(standing -> session(principal, session, standing, hello))
                .onSuccess(opened -> {
                    if (connection.ended()) {
                        opened.abandon();
                    }
                });
    }

    private TcpSession session(CollectorPrincipal principal, UUID id, Standing standing, Frame.Hello hello) {
        shared.recordSkew(hello.clockMicros());
        return new TcpSession(connection, shared, new TcpSession.Turn(principal, id, standing));
    }

    private void enter(TcpSession session) {
        try {
            connection.enter(session);
        } catch (FaultException tooEarly) {
            session.abandon();
            throw tooEarly;
        }
        var principal = session.turn().principal();
        shared.lobby().sessions().opened(principal.collector(), session);
        shared.corridor()
                .bus()
                .publish(new Event.SessionOpened(
                        principal.collector(), session.turn().id(), connection.address(), "tcp"));
        shared.corridor().unlessRevoked(principal);
        session.welcome();
    }

    @Override
    public void tick(Duration age) {
        // The connection itself watches the time a handshake may take.
    }

    @Override
    public void drain() {
        connection.end(Fault.DRAINING.because("the server is going down"));
    }

    @Override
    public void closed(Fault why) {
        // Nothing is held before the session.
    }
}
