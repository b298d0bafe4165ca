package org.pganalytics.admission;

import io.vertx.core.Future;
import java.util.UUID;
import org.pganalytics.model.CollectorPrincipal;

/**
 * Decides who a sender is. Every failure is a {@link org.pganalytics.fault.FaultException} whose detail may be sent to
 * the peer; the door that was knocked at tells the bus of it. To be called on an event loop; completes on that context.
 */
public interface Doorkeeper {
    /**
     * Makes a new collector, each time, and counts against the address.
     *
     * <p>Fails with UNAUTHENTICATED (the secret), BAD_REQUEST (name or version), RATE_LIMITED, OVERLOADED or STORE_DOWN.
     *
     * @param name what its people call it; 1 to 255 characters
     * @param version of the agent; at most 64 characters
     * @param address the peer's IP address
     */
    Future<Registration> register(String secret, String name, String version, String address);

    /**
     * The same for a collector of version 3, whose token is taken, and exchanged for a new one, long after it expired.
     */
    Future<Registration> registerV3(String secret, String name, String version, String address);

    /**
     * Whether a token is known for authentic, at almost no cost: whoever shows it is no stranger, and need not wait for
     * those that come from the same address. Whether it still holds is not said.
     */
    boolean knows(String token);

    /**
     * Verifies a collector token. Fails with UNAUTHENTICATED, REVOKED, COLLECTOR_UNKNOWN (signed by us, but this
     * database does not hold it: register again) or STORE_DOWN.
     */
    Future<CollectorPrincipal> authenticate(String token);

    /**
     * Gives a version 3 collector a new token for one that it has, expired or not; that one holds on.
     *
     * <p>Fails with UNAUTHENTICATED (also for a token of another collector, which has a refresh secret), REVOKED,
     * COLLECTOR_UNKNOWN, RATE_LIMITED or STORE_DOWN.
     */
    Future<TokenGrant> exchange(String token, String address);

    /**
     * Gives a new token and a new refresh secret; the presented one holds until the new one is used.
     *
     * <p>Fails with UNAUTHENTICATED, REVOKED, COLLECTOR_UNKNOWN, RATE_LIMITED or STORE_DOWN.
     *
     * @param collectorOrNull when given, the secret must be this collector's
     */
    Future<TokenGrant> refresh(UUID collectorOrNull, String refreshSecret, String address);

    /**
     * Looks whether a refresh secret is this collector's, as {@link #refresh} would, and leaves it as it is: for what a
     * token alone must not open.
     *
     * <p>Fails with UNAUTHENTICATED or STORE_DOWN.
     */
    Future<Void> confirm(UUID collector, String refreshSecret, String address);
}
