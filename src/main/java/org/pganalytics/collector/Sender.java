package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.pganalytics.fault.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one link open: takes the routes in turn (TCP before HTTP, server after server), waits longer with each failure,
 * and stops only where trying again is useless. Lives on the event loop that {@link #start} was called on.
 */
public final class Sender {
    private static final Logger LOG = LoggerFactory.getLogger(Sender.class);
    private static final Set<Fault> TRY_ANOTHER = EnumSet.of(
            Fault.DRAINING,
            Fault.OVERLOADED,
            Fault.STORE_DOWN,
            Fault.TOO_MANY_CONNECTIONS,
            Fault.HANDSHAKE_TIMEOUT,
            Fault.UNSUPPORTED_VERSION,
            Fault.BAD_FRAME,
            // While authorities change, one server may trust what another does not yet.
            Fault.CERTIFICATE_REFUSED,
            Fault.NOT_FOUND);
    private static final long LASTING_NANOS = Duration.ofSeconds(5).toNanos();
    private static final Duration SAID_EVERY = Duration.ofMinutes(1);
    private static final Duration REMINDED_EVERY = Duration.ofMinutes(10);

    private final Vertx vertx;
    private final List<Supplier<Link>> routes;
    private final BackOff backOff;
    private final Duration preferFirstAfter;
    private final Consumer<LinkEnd> onEnd;
    private int route;
    private int failedInARow;
    private Link link;
    private long connects;
    private long saidAtNanos;
    private boolean said;
    private boolean stopped;
    private LinkEnd lastEnd;
    private long waiting = -1;

    /**
     * @param routes at least one; each makes a link not yet run
     * @param preferFirstAfter how long to stay on a route that is not the first before trying the first again
     * @param onEnd told of every end of a link
     */
    public Sender(
            Vertx vertx,
            List<Supplier<Link>> routes,
            BackOff backOff,
            Duration preferFirstAfter,
            Consumer<LinkEnd> onEnd) {
        this.vertx = vertx;
        this.routes = List.copyOf(routes);
        this.backOff = backOff;
        this.preferFirstAfter = preferFirstAfter;
        this.onEnd = onEnd;
    }

    public void start() {
        connect();
    }

    /** Ends the link and tries no more. */
    public Future<Void> stop() {
        stopped = true;
        vertx.cancelTimer(waiting);
        if (link != null) {
            link.close();
        }
        return Future.succeededFuture();
    }

    /** The link in use, for people; empty between two. */
    public Optional<String> address() {
        return Optional.ofNullable(link).map(Link::address);
    }

    /** How the last link ended; empty while the first one lasts. */
    public Optional<LinkEnd> lastEnd() {
        return Optional.ofNullable(lastEnd);
    }

    /** Links opened so far. */
    public long connects() {
        return connects;
    }

    /** Whether it has given up until a person acts. */
    public boolean isStopped() {
        return stopped;
    }

    private void connect() {
        if (stopped) {
            return;
        }
        connects++;
        link = routes.get(route).get();
        var current = link;
        long startedAt = System.nanoTime();
        long prefer = route == 0
                ? -1
                : vertx.setTimer(Math.max(1, preferFirstAfter.toMillis()), due -> {
                    route = 0;
                    current.close();
                });
        link.run().onComplete(end -> {
            vertx.cancelTimer(prefer);
            var how = end.succeeded() ? end.result() : LinkEnd.of(end.cause(), false);
            ended(current, how, System.nanoTime() - startedAt);
        });
    }

    private void ended(Link ending, LinkEnd how, long lastedNanos) {
        link = null;
        lastEnd = how;
        onEnd.accept(how);
        if (stopped) {
            return;
        }
        if (how.last()) {
            stopped = true;
            remind(ending, how);
            return;
        }
        say(ending, how);
        if (how.welcomed() && lastedNanos >= LASTING_NANOS) {
            backOff.reset();
            failedInARow = 0;
        }
        boolean roundOver = chooseRoute(how);
        if (how.fault().isEmpty() && !how.welcomed() && !roundOver) {
            waiting = vertx.setTimer(1, due -> connect());
        } else {
            waiting = vertx.setTimer(backOff.next(how.retryAfter()).toMillis() + 1, due -> connect());
        }
    }

    /** What only a person can put right is said again and again, until the process ends. */
    private void remind(Link ending, LinkEnd how) {
        LOG.error(
                "{}: {}. Nothing is sent until this is put right; what is collected waits in the spool",
                ending.address(),
                how.detail());
        waiting = vertx.setTimer(REMINDED_EVERY.toMillis(), due -> remind(ending, how));
    }

    /** @return whether every route has failed since the last success */
    private boolean chooseRoute(LinkEnd how) {
        boolean unreachable = how.fault().isEmpty() && !how.welcomed();
        if (unreachable || how.fault().filter(TRY_ANOTHER::contains).isPresent()) {
            route = (route + 1) % routes.size();
            failedInARow++;
        }
        return failedInARow % routes.size() == 0;
    }

    private void say(Link ending, LinkEnd how) {
        long now = System.nanoTime();
        if (!said || now - saidAtNanos > SAID_EVERY.toNanos()) {
            said = true;
            saidAtNanos = now;
            LOG.warn("{}: {}; will try again", ending.address(), how.detail());
        }
    }
}
