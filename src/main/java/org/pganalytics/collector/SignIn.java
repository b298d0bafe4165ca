package org.pganalytics.collector;

import io.vertx.core.Future;
import java.time.Clock;
import java.util.Optional;
import org.pganalytics.fault.Fault;

/** Which step a collector takes to be let in, and what a refusal of it means for what it holds. */
final class SignIn {

    /** What was asked of the server last. */
    enum Step {
        REGISTER,
        RENEW,
        ENTER
    }

    private final Credentials credentials;
    private final BatchSource source;
    private final Clock clock;

    SignIn(Credentials credentials, BatchSource source, Clock clock) {
        this.credentials = credentials;
        this.source = source;
        this.clock = clock;
    }

    /** Empty when there is neither a grant nor a secret to get one with. */
    Optional<Step> next() {
        if (credentials.grant().isEmpty()) {
            return credentials.registrationSecret().map(secret -> Step.REGISTER);
        }
        return Optional.of(credentials.grant().get().isOver(clock.millis()) ? Step.RENEW : Step.ENTER);
    }

    static LinkEnd nothingToShow() {
        return LinkEnd.cut("the collector is not registered and has no registration secret", false)
                .forGood("set registration.secret in the collector's configuration");
    }

    /** Puts credentials and source in order after an end, so that the next attempt takes another step. */
    Future<LinkEnd> after(Step step, LinkEnd end) {
        var fault = end.fault().orElse(null);
        if (fault == Fault.UNAUTHENTICATED && step == Step.ENTER) {
            return credentials.keep(credentials.grant().orElseThrow().spent()).map(end);
        }
        if (fault == Fault.CERTIFICATE_REFUSED) {
            return credentials.certify().map(end);
        }
        if (fault == Fault.EPOCH_OLD) {
            return source.superseded()
                    .map(end)
                    .otherwise(failure -> end.forGood("it cannot begin anew: " + failure.getMessage()));
        }
        boolean refusedForGood = fault == Fault.UNAUTHENTICATED && step == Step.RENEW;
        if (fault == Fault.COLLECTOR_UNKNOWN || refusedForGood) {
            return registerAnew(end);
        }
        return Future.succeededFuture(end);
    }

    private Future<LinkEnd> registerAnew(LinkEnd end) {
        if (credentials.registrationSecret().isEmpty()) {
            return Future.succeededFuture(
                    end.forGood("register the collector again: it has no registration secret to do so itself"));
        }
        return credentials.forget().map(end);
    }
}
