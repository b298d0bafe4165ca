package org.pganalytics.ingest;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.tls.Authority;

/** Makes collectors' certificates, whichever door they ask at. Safe from any thread. */
public final class CertificateDesk {
    private static final Duration ONE_AT_A_TIME = Duration.ofSeconds(1);

    private final Optional<Authority> authority;
    private final Bus bus;
    private final Set<UUID> asking = ConcurrentHashMap.newKeySet();
    private final RecentCertificates recent = new RecentCertificates(System::nanoTime);
    /** One thread: signing must not take the cores from those who push. */
    private final WorkerExecutor worker;

    /** @param authority empty where the server certifies nobody */
    public CertificateDesk(Vertx vertx, Optional<Authority> authority, Bus bus) {
        this.authority = authority;
        this.bus = bus;
        this.worker = vertx.createSharedWorkerExecutor("certificates", 1);
    }

    /**
     * One request of a collector at a time, and a rest after each certificate: each costs a signature and an audit row.
     *
     * @param proven reads the PKCS #10 request in PEM from whoever proved to be the collector; asked only after a rest
     * @return fails with NOT_FOUND where nobody is certified, RATE_LIMITED for one that comes too often, and BAD_REQUEST
     */
    public Future<Authority.Issued> certify(
            CollectorPrincipal principal, Supplier<Future<String>> proven, String address) {
        return Future.<Void>succeededFuture().compose(begin -> alone(principal, proven, address));
    }

    private Future<Authority.Issued> alone(
            CollectorPrincipal principal, Supplier<Future<String>> proven, String address) {
        var issuing = authority.orElseThrow(() -> Fault.NOT_FOUND.because(
                "this server certifies no collectors: tls.ca.certificate and tls.ca.key are not set"));
        var collector = principal.collector();
        requireRest(collector);
        return proven.get()
                .compose(request -> inTurn(
                        collector,
                        () -> worker.executeBlocking(
                                () -> issuing.certify(request, collector, principal.name()), false)))
                .onSuccess(issued -> bus.publish(
                        new Event.CollectorCertified(collector, issued.serial(), issued.expiresAt(), address)));
    }

    /** Not before it has proven itself: whoever has the token alone must not take the collector's turn. */
    private Future<Authority.Issued> inTurn(UUID collector, Supplier<Future<Authority.Issued>> signing) {
        requireRest(collector);
        if (!asking.add(collector)) {
            throw Fault.RATE_LIMITED
                    .because("another request of this collector for a certificate is under way")
                    .retryAfter(ONE_AT_A_TIME);
        }
        return signing.get()
                .onSuccess(issued -> recent.issued(collector, issued.lifetime()))
                .onComplete(done -> asking.remove(collector));
    }

    private void requireRest(UUID collector) {
        recent.left(collector).ifPresent(left -> {
            throw Fault.RATE_LIMITED
                    .because("this collector was given a certificate a moment ago")
                    .retryAfter(left);
        });
    }
}
