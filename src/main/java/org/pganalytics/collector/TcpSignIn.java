package org.pganalytics.collector;

import io.vertx.core.Future;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.pganalytics.wire.Frame;

/** Registers, renews and says HELLO over a connection of the native protocol. Used once, on one event loop. */
final class TcpSignIn {
    private final Credentials credentials;
    private final BatchSource source;
    private final Clock clock;
    private final SignIn steps;
    private final Wire wire;
    private SignIn.Step asked;
    private boolean renewing;

    /** What it does with the connection. */
    interface Wire {
        void write(Frame frame);

        /** Leaves this connection for another one, where {@link TcpSignIn#connected} is called again. */
        void connectAnew();

        void giveUp(Throwable failure);
    }

    TcpSignIn(Credentials credentials, BatchSource source, Clock clock, Wire wire) {
        this.credentials = credentials;
        this.source = source;
        this.clock = clock;
        this.steps = new SignIn(credentials, source, clock);
        this.wire = wire;
    }

    /** False when there is neither a grant nor a secret to get one with. */
    boolean begins() {
        steps.next().ifPresent(step -> asked = step);
        return asked != null;
    }

    void connected() {
        ask(asked);
    }

    private void ask(SignIn.Step step) {
        asked = step;
        var grant = credentials.grant().orElse(null);
        switch (step) {
            case REGISTER ->
                wire.write(new Frame.Register(
                        credentials.registrationSecret().orElseThrow(), credentials.name(), credentials.version()));
            case RENEW -> wire.write(new Frame.Token(grant.collector(), grant.refreshSecret()));
            case ENTER ->
                wire.write(new Frame.Hello(
                        grant.token(), credentials.version(), source.instance(), Set.of(), clock.millis() * 1000));
        }
    }

    /** A certificate is shown at the beginning of a connection only. */
    void registered(Frame.Registered frame) {
        keep(new Grant(
                        frame.collector(),
                        frame.token(),
                        frame.refreshSecret(),
                        clock.millis(),
                        frame.tokenLifetimeMillis()))
                .compose(kept -> credentials.certify())
                .onSuccess(certified -> {
                    if (certified) {
                        asked = SignIn.Step.ENTER;
                        wire.connectAnew();
                    } else {
                        ask(SignIn.Step.ENTER);
                    }
                });
    }

    void renewed(Frame.TokenGranted frame) {
        var collector = credentials.grant().orElseThrow().collector();
        var grant =
                new Grant(collector, frame.token(), frame.refreshSecret(), clock.millis(), frame.tokenLifetimeMillis());
        renewing = false;
        keep(grant).onSuccess(kept -> {
            if (asked == SignIn.Step.RENEW) {
                ask(SignIn.Step.ENTER);
            }
        });
    }

    private Future<Void> keep(Grant grant) {
        return credentials.keep(grant).onFailure(wire::giveUp);
    }

    /** Within a session. */
    void renewIfDue() {
        var grant = credentials.grant();
        if (!renewing && grant.isPresent() && clock.millis() >= grant.get().renewAtMillis()) {
            renewing = true;
            wire.write(new Frame.Token(grant.get().collector(), grant.get().refreshSecret()));
        }
    }

    /** Puts credentials and source in order, so that the next attempt takes another step. */
    Future<LinkEnd> after(LinkEnd how) {
        var step = renewing ? SignIn.Step.RENEW : asked;
        return Optional.ofNullable(step).map(last -> steps.after(last, how)).orElse(Future.succeededFuture(how));
    }
}
