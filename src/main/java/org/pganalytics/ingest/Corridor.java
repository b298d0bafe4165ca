package org.pganalytics.ingest;

import io.vertx.core.Future;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.pganalytics.admission.AddressLimiter;
import org.pganalytics.admission.Doorkeeper;
import org.pganalytics.bus.Bus;
import org.pganalytics.fault.Fault;
import org.pganalytics.fleet.ConfigDesk;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.model.Intake;
import org.pganalytics.model.Ledger;

/**
 * What lies behind every door.
 *
 * @param intake where batches go
 * @param ledger where sessions take their turn
 * @param doorkeeper says who a sender is
 * @param strangers limits those whose token is wrong
 * @param current whether a principal has not been revoked meanwhile
 * @param configs says what collectors are to run
 * @param certificates makes their certificates
 * @param bus hears of sessions and strangers
 */
public record Corridor(
        Intake intake,
        Ledger ledger,
        Doorkeeper doorkeeper,
        AddressLimiter strangers,
        Predicate<CollectorPrincipal> current,
        ConfigDesk configs,
        CertificateDesk certificates,
        Bus bus) {

    /**
     * Says which collector shows a token. Who guesses is slowed down, and with him all from his address but those whose
     * token is known.
     *
     * @param token may throw UNAUTHENTICATED when there is none
     */
    public Future<CollectorPrincipal> signIn(Supplier<String> token, String address) {
        return Future.<Void>succeededFuture()
                .compose(begin -> {
                    var shown = token.get();
                    if (!doorkeeper.knows(shown)) {
                        strangers.check(address);
                    }
                    return doorkeeper.authenticate(shown);
                })
                .onFailure(failure -> {
                    if (Fault.of(failure) == Fault.UNAUTHENTICATED) {
                        strangers.failed(address);
                    }
                });
    }

    /** Also one whose token was good a moment ago may have been revoked since. */
    public CollectorPrincipal unlessRevoked(CollectorPrincipal principal) {
        if (!current.test(principal)) {
            throw Fault.REVOKED.because("collector %s was revoked".formatted(principal.collector()));
        }
        return principal;
    }
}
